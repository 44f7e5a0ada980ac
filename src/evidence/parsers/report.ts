import { AppError } from '../../core/app-error.ts'
import type { EvidenceClass } from '../../core/evidence-class.ts'
import type { Finding, ParsedReport } from '../model.ts'
import type { ReportErrorCode, ReportSource } from '../parser.ts'
import { isObject, type JsonObject } from './json-fields.ts'

/** A finding with everything unstated that the caller does not state. */
export function finding(stated: Pick<Finding, 'class' | 'id' | 'severity'> & Partial<Finding>): Finding {
  return {
    aliases: [],
    toolSeverity: null,
    score: null,
    title: null,
    purl: null,
    package: null,
    version: null,
    fixedVersion: null,
    fixState: null,
    location: null,
    suppressed: false,
    suppressionReason: null,
    ...stated,
  }
}

/** A complete report of the tool with nothing in it; parsers state the rest. */
export function report(tool: ParsedReport['tool'], scanned: readonly EvidenceClass[], stated: Partial<ParsedReport>): ParsedReport {
  return {
    tool,
    scanned: [...scanned],
    completeness: 'complete',
    completenessReason: null,
    reportedAt: null,
    databaseAt: null,
    statedDigests: [],
    confirmingDigests: [],
    platform: null,
    examined: [],
    findings: [],
    coverage: null,
    tests: null,
    measures: null,
    document: null,
    manifests: null,
    vex: null,
    authorship: null,
    redacted: null,
    ...stated,
  }
}

/** The error of a report that has the wrong shape for its format. */
export function malformed(format: string, what: string): AppError<ReportErrorCode> {
  return new AppError('report_malformed', `The ${format} report ${what}.`, {
    field: 'body',
    remedy: `Send the file exactly as ${format} wrote it; check that it is complete.`,
  })
}

/** The error of a report that is not of the stated format at all. */
export function wrongFormat(format: string, expected: string): AppError<ReportErrorCode> {
  return new AppError('report_wrong_format', `The body is not a ${format} report: ${expected}.`, {
    field: 'query.format',
    remedy: 'Name the format that the tool wrote, or leave it out to have it recognised.',
  })
}

/** The error of an output in which the tool tells that it failed, in place of a report. */
export function toolError(format: string, what: string): AppError<ReportErrorCode> {
  return new AppError('report_is_tool_error', `This is the error output of ${format}, not a report: ${what}.`, {
    field: 'body',
    remedy: 'Repair the scan and send the report of a run that succeeded.',
  })
}

/**
 * The JSON document of a source whose format is JSON.
 * @throws {ReportError} `report_malformed` if the text is not one JSON document, which is how a truncated file looks
 */
export function jsonOf(format: string, { json }: ReportSource): unknown {
  if (json === undefined) throw malformed(format, 'is not one JSON document; it may be cut off or mixed with log lines')
  return json
}

/**
 * The objects in a list that may be missing or null.
 * Unlike `objectsOf` it refuses anything else: what a parser can't read must never count as nothing found. So it does with the field in
 * another letter case, in which other readers (Go's) find the list all the same.
 * @throws {ReportError} `report_malformed`
 */
export function itemsOf(format: string, owner: JsonObject, field: string): JsonObject[] {
  const otherCase = Object.keys(owner).find((key) => isOtherCase(key, field))
  if (otherCase !== undefined) throw malformed(format, `has ${otherCase} where ${field} belongs`)
  const value = owner[field] ?? []
  if (!Array.isArray(value)) throw malformed(format, `has ${field} that are not a list`)
  const stray = value.findIndex((item) => !isObject(item))
  if (stray !== -1) throw malformed(format, `has something other than an object at ${field}[${stray}]`)
  return value as JsonObject[]
}

function isOtherCase(key: string, field: string): boolean {
  return key.length === field.length && key !== field && key.toLowerCase() === field.toLowerCase()
}

const TITLE_LENGTH = 300

/** The first line of a text, short enough for a list; null if there is none. */
export function titleOf(...texts: readonly unknown[]): string | null {
  for (const text of texts) {
    const line =
      typeof text === 'string'
        ? (
            text
              .trimStart()
              .slice(0, 2 * TITLE_LENGTH)
              .split('\n', 1)[0] ?? ''
          ).trim()
        : ''
    if (line !== '') return line.length > TITLE_LENGTH ? `${line.slice(0, TITLE_LENGTH - 1)}…` : line
  }
  return null
}

/** What stands in place of a secret in a report that is kept. */
export const REDACTED = '[redacted]'

/** The bytes of a redacted document. */
export function jsonBytes(document: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(document))
}
