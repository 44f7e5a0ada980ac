import type { AppError } from '../core/app-error.ts'
import type { EvidenceClass } from '../core/evidence-class.ts'
import type { ParsedReport } from './model.ts'

export type ReportErrorCode =
  | 'report_empty'
  | 'report_malformed'
  | 'report_wrong_format'
  | 'report_is_tool_error'
  | 'report_format_unknown'
  | 'report_format_ambiguous'
  | 'report_too_complex'
  | 'xml_doctype_refused'

/** The error of a report that can't be read. @public */
export type ReportError = AppError<ReportErrorCode>

/** What is known of a report before a parser is chosen: decoded once, shared by all parsers. */
export interface ReportSource {
  bytes: Uint8Array
  /** The bytes as UTF-8 text, without a byte order mark. */
  text: string
  /** The parsed JSON document, or undefined if the text is not one JSON document. */
  json: unknown
  /** Name of the XML root element, or undefined if the text does not begin like XML. */
  xmlRoot: string | undefined
}

/** Reads one report format. Pure: no disk, no network, no clock. */
export interface ReportParser {
  /** The format id: the tool's own name in lower kebab case. */
  format: string
  /** The classes that reports of this format can speak for; the first one names the evidence's kind by default. */
  classes: readonly [EvidenceClass, ...EvidenceClass[]]
  /** "Is it mine?" Looks at the shape only. Must be false for bodies that several tools could have written. */
  claims(source: ReportSource): boolean
  /**
   * Reads the report.
   * @throws {ReportError} for anything but a report of this format; never reads an error output or a truncated file as clean
   */
  parse(source: ReportSource): ParsedReport
}
