import { SaxesParser } from 'saxes'

import { AppError } from '../../core/app-error.ts'
import type { ReportErrorCode } from '../parser.ts'
import { malformed, wrongFormat } from './report.ts'

/** An element as its start tag gives it. */
export interface XmlElement {
  /** Without its namespace prefix. */
  name: string
  /** Those without a namespace prefix: a foreign attribute must not stand in for the format's own. */
  attributes: Readonly<Record<string, string>>
  /** Line on which the start tag ends, from 1. */
  line: number
}

/** What a parser wants to hear of a document; `path` holds the names of the open elements around, outermost first, and changes as reading goes on. */
export interface XmlHandlers {
  open(element: XmlElement, path: readonly string[]): void
  close?(name: string, path: readonly string[]): void
  /** A run of character data or a CDATA section. */
  text?(text: string, path: readonly string[]): void
}

/** What an XML report may hold at most. */
export interface XmlLimits {
  maxDepth: number
  maxAttributes: number
  maxElements: number
  /** Longest text or attribute value, in UTF-16 code units. */
  maxStringLength: number
}

const DEFAULT_LIMITS: XmlLimits = { maxDepth: 128, maxAttributes: 256, maxElements: 5_000_000, maxStringLength: 16 * 1024 * 1024 }

/** Prefixes are stripped here rather than resolved: reports that forget to declare one are read all the same. */
const OPTIONS = { xmlns: false, position: false } as const

const CHUNK = 64 * 1024

/**
 * Reads attacker-controlled XML from beginning to end in memory that does not grow with the document.
 * Nothing is fetched, and no entity is expanded but the five predefined ones and character references.
 * @throws {ReportError} `report_wrong_format` for what is no XML, `report_malformed` with the line, `xml_doctype_refused`, `report_too_complex`
 */
export function readXml(format: string, text: string, handlers: XmlHandlers, limits: XmlLimits = DEFAULT_LIMITS): void {
  const { body, skippedLines } = withoutLeadingSpace(text)
  if (!body.startsWith('<')) throw wrongFormat(format, 'it is not XML')
  const parser = new SaxesParser<typeof OPTIONS>(OPTIONS)
  const path: string[] = []
  let elements = 0
  let attributes = 0
  let prefixed = false

  const line = () => parser.line + skippedLines
  const heard = (value: string) => {
    if (value.length > limits.maxStringLength) throw tooComplex(format, `a text longer than ${limits.maxStringLength} characters`)
    handlers.text?.(value, path)
  }
  parser.on('error', ({ message }) => {
    if (elements === 0 && body.slice(0, CHUNK).includes('<!ENTITY')) throw doctypeRefused()
    throw malformed(format, `is not well-formed XML on line ${line()}: ${message.replace(/\.$/, '').slice(0, 200)}`)
  })
  parser.on('xmldecl', ({ encoding }) => checkEncoding(format, encoding))
  parser.on('doctype', checkDoctype)
  parser.on('attribute', ({ name, value }) => {
    if (++attributes > limits.maxAttributes) throw tooComplex(format, `an element with more than ${limits.maxAttributes} attributes`)
    if (value.length > limits.maxStringLength) throw tooComplex(format, `an attribute longer than ${limits.maxStringLength} characters`)
    prefixed ||= name.includes(':')
  })
  parser.on('opentag', (tag) => {
    if (++elements > limits.maxElements) throw tooComplex(format, `more than ${limits.maxElements} elements`)
    if (path.length >= limits.maxDepth) throw tooComplex(format, `elements nested deeper than ${limits.maxDepth} levels`)
    const name = localName(tag.name)
    handlers.open({ name, attributes: prefixed ? unprefixed(tag.attributes) : tag.attributes, line: line() }, path)
    path.push(name)
    attributes = 0
    prefixed = false
  })
  parser.on('closetag', ({ name }) => {
    path.pop()
    handlers.close?.(localName(name), path)
  })
  parser.on('cdata', heard)
  if (handlers.text) parser.on('text', heard)

  for (let at = 0; at < body.length; at += CHUNK) parser.write(body.slice(at, at + CHUNK))
  parser.close()
}

/** How a document begins. */
export interface XmlOpening {
  root: XmlElement
  /** Name of the first element inside the root, if one begins soon. */
  firstChild: string | undefined
}

const OPENING_CHUNK = 4 * 1024
const OPENING_LIMIT = 1024 * 1024

/** The beginning of a document, for recognising its format; undefined if it does not begin like XML. Never throws, and promises nothing about the rest. */
export function xmlOpening(text: string): XmlOpening | undefined {
  const { body, skippedLines } = withoutLeadingSpace(text)
  if (!body.startsWith('<')) return undefined
  const parser = new SaxesParser<typeof OPTIONS>(OPTIONS)
  const seen: { root?: XmlElement; firstChild?: string; broken?: boolean } = {}
  parser.on('error', ({ message }) => {
    // A report that uses entities of its own is still recognised, so that its parser can say why it is refused.
    seen.broken ||= !message.startsWith('undefined entity')
  })
  parser.on('opentag', ({ name, attributes }) => {
    if (seen.broken) return
    if (seen.root) seen.firstChild ??= localName(name)
    else seen.root = { name: localName(name), attributes: unprefixed(attributes), line: parser.line + skippedLines }
  })
  const end = Math.min(body.length, OPENING_LIMIT)
  for (let at = 0; at < end && !seen.broken && !seen.firstChild; at += OPENING_CHUNK) parser.write(body.slice(at, at + OPENING_CHUNK))
  return seen.root && { root: seen.root, firstChild: seen.firstChild }
}

/** Some tools print a blank line before the XML declaration, which the standard forbids and which harms nobody. */
function withoutLeadingSpace(text: string): { body: string; skippedLines: number } {
  const body = text.trimStart()
  if (body.length === text.length) return { body, skippedLines: 0 }
  return { body, skippedLines: text.slice(0, text.length - body.length).split('\n').length - 1 }
}

function localName(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1)
}

function unprefixed(attributes: Readonly<Record<string, string>>): Record<string, string> {
  const own = Object.create(null) as Record<string, string>
  for (const [name, value] of Object.entries(attributes)) if (!name.includes(':')) own[name] = value
  return own
}

/** The encodings that `decode-report.ts` decodes by; text of any other was read wrongly before it came here. */
const DECODED = /^(?:utf-?8|us-ascii|ascii|iso-8859-15?|windows-1252)$/i

function checkEncoding(format: string, encoding: string | undefined): void {
  if (encoding === undefined || DECODED.test(encoding)) return
  throw malformed(format, `declares the encoding ${encoding.slice(0, 40)}, which is not read; write it in UTF-8`)
}

const EXTERNAL_DOCTYPE = /^\s+[^\s"'[\]<>]+(?:\s+SYSTEM\s+(?:"[^"]*"|'[^']*')|\s+PUBLIC\s+(?:"[^"]*"|'[^']*')\s+(?:"[^"]*"|'[^']*'))?\s*$/

/** An internal subset can define entities: whatever is more than the name of an external DTD is refused. */
function checkDoctype(doctype: string): void {
  if (doctype.length <= 4096 && EXTERNAL_DOCTYPE.test(doctype)) return
  throw doctypeRefused()
}

function doctypeRefused(): AppError<ReportErrorCode> {
  return new AppError('xml_doctype_refused', 'The DOCTYPE of the report does more than name an external DTD.', {
    field: 'body',
    remedy: 'Remove the internal subset and its <!ENTITY declarations; a DOCTYPE that only names a DTD is accepted and never fetched.',
  })
}

function tooComplex(format: string, what: string): AppError<ReportErrorCode> {
  return new AppError('report_too_complex', `The ${format} report holds ${what}.`, {
    field: 'body',
    remedy: 'Leave out embedded logs, or split the report into parts with names of their own.',
  })
}
