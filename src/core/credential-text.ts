/** Our own tokens, whatever follows the prefix. */
const OURS = String.raw`ptc_[\w-]{20,}`
/** Three parts in base64url, of which the first begins like JSON. The look-behind keeps hostile text from being searched more than once. */
const JWT = String.raw`(?<![\w-])e[yw][\w-]{8,}\.[\w-]{2,}\.[\w-]*`

const ANY = new RegExp(`${OURS}|${JWT}`, 'g')
const HINT = /ptc_|\be[yw]/

/** True if the text holds what is shaped like a token of ours or a JWT (RFC 7519): most likely somebody's secret. */
export function holdsCredential(text: string): boolean {
  if (!HINT.test(text)) return false
  return [...text.matchAll(ANY)].some(([match]) => isCredential(match))
}

/** The same text with everything left out that is shaped like a token of ours or a JWT. */
export function withoutCredentials(text: string): string {
  return HINT.test(text) ? text.replaceAll(ANY, (match) => (isCredential(match) ? '[token]' : match)) : text
}

function isCredential(match: string): boolean {
  return match.startsWith('ptc_') || hasJsonHeader(match)
}

/** A host name such as `eyecatcher.registry.internal` has three parts too, but the first is no JSON. */
function hasJsonHeader(match: string): boolean {
  try {
    const header: unknown = JSON.parse(Buffer.from(match.slice(0, match.indexOf('.')), 'base64url').toString())
    return typeof header === 'object'
  } catch {
    return false
  }
}
