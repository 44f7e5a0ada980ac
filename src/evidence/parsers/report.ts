import { AppError } from '../../core/app-error.ts'
import type { EvidenceClass } from '../../core/evidence-class.ts'
import type { Finding, ParsedReport } from '../model.ts'
import type { ReportErrorCode } from '../parser.ts'

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
    findings: [],
    coverage: null,
    tests: null,
    manifests: null,
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
