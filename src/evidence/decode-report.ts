import { AppError, isAppError } from '../core/app-error.ts'
import { parseBoundedJson, type JsonErrorCode } from '../core/bounded-json.ts'
import type { ReportErrorCode, ReportSource } from './parser.ts'

/**
 * Decodes a report once for all parsers. Everything in it is attacker-controlled.
 * @throws {ReportError} `report_empty`, `report_malformed` (compressed, UTF-16, not UTF-8) or `report_too_complex`
 */
export function decodeReport(bytes: Uint8Array): ReportSource {
  refuseCompressed(bytes)
  if (isTar(bytes)) throw unreadable('is a tar archive', 'Say so with format=tar or Content-Type: application/x-tar.')
  const text = decodeText(bytes)
  if (text.trim() === '') throw new AppError<ReportErrorCode>('report_empty', 'The report is empty.', EMPTY_HINTS)
  return { bytes, text, json: parseJson(text), xmlRoot: xmlRootOf(text) }
}

const EMPTY_HINTS = {
  field: 'body',
  remedy: 'Check that the tool ran and wrote its report: an empty file says nothing, not even that nothing was found.',
}

const COMPRESSED: readonly (readonly [string, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['zip', [0x50, 0x4b, 0x03, 0x04]],
  ['zip', [0x50, 0x4b, 0x05, 0x06]],
]

function refuseCompressed(bytes: Uint8Array): void {
  const found = COMPRESSED.find(([, magic]) => magic.every((byte, at) => bytes[at] === byte))
  if (found) throw unreadable(`is compressed (${found[0]})`, 'Send the report itself, uncompressed.')
}

const TAR_MAGIC = [0x75, 0x73, 0x74, 0x61, 0x72]
const TAR_MAGIC_AT = 257

function isTar(bytes: Uint8Array): boolean {
  return TAR_MAGIC.every((byte, at) => bytes[TAR_MAGIC_AT + at] === byte) && bytes.subarray(0, TAR_MAGIC_AT).includes(0)
}

/** UTF-8 by default; an XML declaration may name one of the single-byte encodings that older test runners write. */
function decodeText(bytes: Uint8Array): string {
  if (looksLikeUtf16(bytes)) throw unreadable('is UTF-16 text', 'Convert it to UTF-8; in PowerShell write it with Out-File -Encoding utf8.')
  const declared = declaredEncoding(bytes)
  try {
    return new TextDecoder(declared, { fatal: true }).decode(bytes)
  } catch {
    throw unreadable('is not valid UTF-8 text', 'Send the file exactly as the tool wrote it, in UTF-8.')
  }
}

function looksLikeUtf16(bytes: Uint8Array): boolean {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true
  return bytes.length > 1 && (first === 0) !== (second === 0)
}

const SINGLE_BYTE = new Set(['iso-8859-1', 'iso-8859-15', 'windows-1252', 'us-ascii'])
const XML_DECLARATION = /^<\?xml\s[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']/

function declaredEncoding(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 300)).toString('latin1')
  const name = XML_DECLARATION.exec(head)?.[1]?.toLowerCase() ?? 'utf-8'
  return SINGLE_BYTE.has(name) ? name : 'utf-8'
}

const JSON_START = /^\s*[{["\-0-9tfn]/

const AMBIGUOUS: ReadonlySet<string> = new Set<JsonErrorCode>(['json_duplicate_member', 'json_number_too_large'])
const AS_WRITTEN = 'Send the file exactly as the tool wrote it.'

/** The document, or undefined if the text is not one JSON document. Depth, string lengths and size in values are bounded. */
function parseJson(text: string): unknown {
  if (!JSON_START.test(text)) return undefined
  try {
    return parseBoundedJson(text)
  } catch (error) {
    // The parser's own message quotes the document, which may hold a secret: it goes no further.
    if (!isAppError(error)) throw error
    if (error.code === 'json_malformed') return undefined
    if (AMBIGUOUS.has(error.code))
      throw unreadable(`is JSON that readers understand differently: ${error.message.replace(/\.$/, '')}`, AS_WRITTEN)
    throw tooComplex(error)
  }
}

function tooComplex(error: AppError): AppError<ReportErrorCode> {
  return new AppError('report_too_complex', `The report is too complex to be read: ${error.message}`, {
    field: 'body',
    remedy: error.remedy ?? 'Split the report.',
  })
}

const XML_NAME = /[^\s/>"'=<]{1,200}/y

/** Name of the root element behind a prolog of white space, declarations, comments and a DOCTYPE; undefined if the text is not like XML. */
export function xmlRootOf(text: string): string | undefined {
  let at = 0
  for (;;) {
    while (at < text.length && /\s/.test(text.charAt(at))) at++
    if (text.charAt(at) !== '<') return undefined
    const next = endOfProlog(text, at)
    if (next === undefined) return undefined
    if (next === at) break
    at = next
  }
  XML_NAME.lastIndex = at + 1
  return XML_NAME.exec(text)?.[0]
}

/** Index behind the prolog item that starts at `at`; `at` itself for an element; undefined if the item never ends. */
function endOfProlog(text: string, at: number): number | undefined {
  if (text.startsWith('<?', at)) return behind(text, '?>', at)
  if (text.startsWith('<!--', at)) return behind(text, '-->', at)
  if (text.startsWith('<!DOCTYPE', at)) return endOfDoctype(text, at)
  return text.startsWith('<!', at) ? undefined : at
}

/** An internal subset is only stepped over here: the XML parsers refuse it with its own code. */
function endOfDoctype(text: string, at: number): number | undefined {
  const close = behind(text, '>', at)
  const open = text.indexOf('[', at)
  if (close === undefined || open === -1 || open > close) return close
  const subset = behind(text, ']', open)
  return subset === undefined ? undefined : behind(text, '>', subset)
}

function behind(text: string, mark: string, from: number): number | undefined {
  const found = text.indexOf(mark, from)
  return found === -1 ? undefined : found + mark.length
}

function unreadable(what: string, remedy: string): AppError<ReportErrorCode> {
  return new AppError('report_malformed', `The report ${what}.`, { field: 'body', remedy })
}
