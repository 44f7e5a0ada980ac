/** The address without its query and fragment: they carry sessions and tokens. */
export function withoutQuery(address: string): string {
  return address.replace(/[?#].*$/s, '')
}
