const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/

/** True for the name of a file in a directory that is known otherwise: nothing that leads out of it or hides in it. */
export function isPlainFileName(name: string): boolean {
  return PLAIN.test(name)
}
