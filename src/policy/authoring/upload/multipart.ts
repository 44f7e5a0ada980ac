/** One part of a form. */
export interface FormPart {
  name: string
  /** Null of a part that is no file. */
  filename: string | null
  /** A view of the form's own bytes. */
  bytes: Uint8Array
}

const MAX_HEADER_BYTES = 4096
const CRLF = '\r\n'

/**
 * Reads an attacker-controlled form (RFC 7578) that is in memory already.
 * @returns its parts, up to one more than `most`; undefined if it is broken
 */
export function readForm(contentType: string, body: Uint8Array, most: number): FormPart[] | undefined {
  const boundary = boundaryOf(contentType)
  if (boundary === undefined) return undefined
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const delimiter = `${CRLF}--${boundary}`
  const parts: FormPart[] = []
  // The first delimiter needs no line break before it.
  let at = bytes.indexOf(delimiter.slice(2))
  if (at !== 0 && bytes.indexOf(delimiter) !== at - 2) return undefined
  at += delimiter.length - 2
  while (parts.length <= most) {
    if (bytes.toString('latin1', at, at + 2) === '--') return parts
    if (bytes.toString('latin1', at, at + 2) !== CRLF) return undefined
    const head = bytes.indexOf(CRLF + CRLF, at)
    const end = bytes.indexOf(delimiter, at)
    if (head === -1 || end === -1 || head + 4 > end || head - at > MAX_HEADER_BYTES) return undefined
    const names = namesIn(bytes.toString('utf8', at, head))
    if (!names) return undefined
    parts.push({ ...names, bytes: bytes.subarray(head + 4, end) })
    at = end + delimiter.length
  }
  return parts
}

/** RFC 2046, section 5.1.1. */
function boundaryOf(contentType: string): string | undefined {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? []
  return quoted ?? plain
}

/** Browsers and curl write a quote in a name as `%22` or `\"`; a path needs none. */
function namesIn(headers: string): { name: string; filename: string | null } | undefined {
  const line = headers.split(CRLF).find((header) => /^content-disposition:/i.test(header))
  if (line === undefined || !/^content-disposition:\s*form-data\s*;/i.test(line)) return undefined
  const name = /;\s*name="([^"]*)"/i.exec(line)?.[1] ?? /;\s*name=([^\s;"]+)/i.exec(line)?.[1]
  const filename = /;\s*filename="([^"]*)"/i.exec(line)?.[1] ?? /;\s*filename=([^\s;"]+)/i.exec(line)?.[1]
  return name === undefined ? undefined : { name, filename: filename ?? null }
}
