const BLOCK = 512
const MAX_NAME_BYTES = 100

/**
 * A tar archive (ustar; longer paths by pax, POSIX.1-2001) of these files. The same files give the same bytes: no times, no owners.
 * @param files paths relative to the archive's root
 */
export function writeTar(files: readonly { path: string; bytes: Uint8Array }[]): Buffer {
  return Buffer.concat([...files.flatMap(({ path, bytes }) => [...longName(path), ...entry(path, bytes, '0')]), Buffer.alloc(2 * BLOCK)])
}

/** An entry that tells the path of the next one, if that doesn't fit into a header. */
function longName(path: string): Buffer[] {
  return Buffer.byteLength(path) <= MAX_NAME_BYTES ? [] : entry('PaxHeaders/path', Buffer.from(paxRecord('path', path)), 'x')
}

/** Its length counts itself. */
function paxRecord(name: string, value: string): string {
  const rest = ` ${name}=${value}\n`
  const bytes = Buffer.byteLength(rest)
  const digits = String(bytes + String(bytes).length).length
  return `${bytes + digits}${rest}`
}

function entry(path: string, bytes: Uint8Array, type: '0' | 'x'): Buffer[] {
  const header = Buffer.alloc(BLOCK)
  header.write(path, 0, MAX_NAME_BYTES)
  header.write('0000644\0' + '0000000\0'.repeat(2), 100)
  header.write(`${bytes.length.toString(8).padStart(11, '0')}\0${'0'.repeat(11)}\0`, 124)
  header.write(`        ${type}`, 148)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return [header, Buffer.from(bytes), Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]
}
