/**
 * What a scan of a directory is about, as far as it is the same on every machine: a relative path as it is, of an absolute one the last
 * name, since each runner has a workspace of its own.
 */
export function directoryPart(path: string): string {
  const plain = path
    .replaceAll('\\', '/')
    .replace(/\/+$/, '')
    .replace(/^(?:\.\/+)+/, '')
  if (plain === '' || plain === '.') return path.startsWith('/') ? '/' : '.'
  const isAbsolute = plain.startsWith('/') || /^[A-Za-z]:\//.test(plain)
  return isAbsolute ? plain.slice(plain.lastIndexOf('/') + 1) : plain
}
