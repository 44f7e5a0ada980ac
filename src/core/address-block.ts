import { isIPv4, isIPv6 } from 'node:net'

const UNREADABLE = 'unreadable'

/**
 * Who counts as one client on the network: an IPv4 address, or the /64 of an IPv6 address, since whoever has one address there has all of
 * them (RFC 6177). What is no address is one client together, so that nobody gets more of anything by sending nonsense.
 * @param address as a connection or a trusted proxy tells it, perhaps with a port; attacker-controlled
 */
export function addressBlock(address: string): string {
  if (!address.includes(':')) return isIPv4(address) ? address : UNREADABLE
  if (address.startsWith('::ffff:') && isIPv4(address.slice(7))) return address.slice(7)
  if (isIPv6(address)) return blockOfIPv6(address)
  const host = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(address)
  const bare = host?.[1] ?? host?.[2] ?? ''
  return isIPv4(bare) || isIPv6(bare) ? addressBlock(bare) : UNREADABLE
}

function blockOfIPv6(address: string): string {
  const [a = 0, b = 0, c = 0, d = 0, e, f, g = 0, h = 0] = groupsOf(address)
  if (f === 0xffff && (a | b | c | d) === 0 && e === 0) return `${g >> 8}.${g & 0xff}.${h >> 8}.${h & 0xff}`
  return `${a.toString(16)}:${b.toString(16)}:${c.toString(16)}:${d.toString(16)}::/64`
}

/** The eight groups of an IPv6 address, whose zone counts for nothing (RFC 4291, section 2.2). */
function groupsOf(address: string): number[] {
  const zone = address.indexOf('%')
  const text = zone === -1 ? address : address.slice(0, zone)
  const gap = text.indexOf('::')
  if (gap === -1) return numbersOf(text)
  const groups = numbersOf(text.slice(0, gap))
  const last = numbersOf(text.slice(gap + 2))
  while (groups.length + last.length < 8) groups.push(0)
  return groups.concat(last)
}

function numbersOf(part: string): number[] {
  const numbers: number[] = []
  if (part === '') return numbers
  for (const group of part.split(':')) {
    if (group.includes('.')) {
      const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number)
      numbers.push(a * 256 + b, c * 256 + d)
    } else numbers.push(Number.parseInt(group, 16))
  }
  return numbers
}
