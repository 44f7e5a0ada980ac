import { AppError } from '../core/app-error.ts'
import { decodeReport } from './decode-report.ts'
import { PARSERS } from './formats.ts'
import type { ParsedReport } from './model.ts'
import type { ReportErrorCode, ReportParser, ReportSource } from './parser.ts'

/** A report together with the format that it was read as. */
export interface ReadReport {
  format: string
  report: ParsedReport
}

/**
 * Reads the bytes of a report.
 * @param format `auto`, or the id of the format that the sender says it is
 * @throws {ReportError} whenever the bytes can't be read as exactly one known format; never reads such bytes as clean
 */
export function readReport(bytes: Uint8Array, format: string, parsers: readonly ReportParser[] = PARSERS): ReadReport {
  const named = format === 'auto' ? undefined : parserNamed(format, parsers)
  const source = decodeReport(bytes)
  const parser = named ?? recognise(source, parsers)
  return { format: parser.format, report: parser.parse(source) }
}

function parserNamed(format: string, parsers: readonly ReportParser[]): ReportParser {
  const parser = parsers.find((candidate) => candidate.format === format)
  if (parser) return parser
  throw new AppError<ReportErrorCode>('report_format_unknown', 'The stated format is not one that can be read.', {
    field: 'query.format',
    remedy: `Use auto or one of: ${known(parsers)}.`,
  })
}

function recognise(source: ReportSource, parsers: readonly ReportParser[]): ReportParser {
  if (saysNothing(source.json)) {
    throw new AppError<ReportErrorCode>('report_format_ambiguous', 'The body is well-formed but empty; several tools write that.', {
      field: 'query.format',
      remedy: `Name the format that the tool wrote: ${known(parsers)}.`,
    })
  }
  const candidates = parsers.filter((parser) => parser.claims(source))
  const [first] = candidates
  if (first && candidates.length === 1) return first
  throw first ? ambiguous(candidates) : unrecognised(source, parsers)
}

/** True for `null`, `[]` and `{}`: nothing in them tells which tool ran. */
function saysNothing(json: unknown): boolean {
  return json === null || (typeof json === 'object' && Object.keys(json).length === 0)
}

function ambiguous(candidates: readonly ReportParser[]): AppError<ReportErrorCode> {
  return new AppError('report_format_ambiguous', `The body could be any of several formats: ${known(candidates)}.`, {
    field: 'query.format',
    remedy: 'Name the format that the tool wrote.',
  })
}

function unrecognised(source: ReportSource, parsers: readonly ReportParser[]): AppError<ReportErrorCode> {
  if (source.json === undefined && /^\s*[{[]/.test(source.text)) {
    return new AppError('report_malformed', 'The body begins like JSON but is not one JSON document.', {
      field: 'body',
      remedy: 'Check that the file is complete, holds one report and was not mixed with log lines.',
    })
  }
  return new AppError('report_format_unknown', `The format of the body was not recognised${shape(source)}.`, {
    field: 'query.format',
    remedy: `These can be read: ${known(parsers)}. If it is one of them, name it.`,
  })
}

/** The root element is attacker-controlled: shown only if it is a plain name. */
function shape({ json, xmlRoot }: ReportSource): string {
  if (json !== undefined) return ' (it is JSON)'
  if (xmlRoot === undefined) return ''
  return /^[A-Za-z][\w:.-]{0,63}$/.test(xmlRoot) ? ` (it is XML with the root element ${xmlRoot})` : ' (it is XML)'
}

function known(parsers: readonly ReportParser[]): string {
  return parsers.map((parser) => parser.format).join(', ')
}
