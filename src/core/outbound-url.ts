/**
 * What is wrong with an address that this service shall fetch from: `https`, or `http` on this machine only; no user, no fragment.
 * @returns the end of a sentence, undefined if the address is fine
 */
export function outboundUrlFault(text: string): string | undefined {
  const url = URL.parse(text)
  if (!url) return 'is no absolute URL'
  if (url.username !== '' || url.password !== '') return 'holds a user or password'
  if (text.includes('#')) return 'has a fragment'
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))) return undefined
  return 'is not https (http is allowed for addresses of this machine only)'
}

/** @param hostname as `URL` writes it: IPv4 in four decimals, IPv6 in brackets */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}
