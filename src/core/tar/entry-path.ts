/**
 * A path within an archive without its `.` and empty parts; empty for the archive's own root.
 * @returns undefined if it leads out of the archive, or no reader could be shown it: absolute, with `..`, a drive, a backslash, control or broken characters
 */
export function entryPath(stated: string): string | undefined {
  if (stated === '' || /^\/|^[A-Za-z]:|[\\\p{Cc}\p{Cf}\p{Cs}\uFFFD]/u.test(stated)) return undefined
  const parts = stated.split('/').filter((part) => part !== '' && part !== '.')
  return parts.includes('..') ? undefined : parts.join('/')
}
