import { readFileSync } from 'node:fs'

import { isAppError } from '../../../src/core/app-error.ts'
import type { Severity } from '../../../src/core/severity.ts'
import type { Finding, ParsedReport } from '../../../src/evidence/model.ts'
import { readReport } from '../../../src/evidence/read-report.ts'
import { summarise } from '../../../src/evidence/summary.ts'

const FIXTURES = new URL('../../fixtures/', import.meta.url)

/** The bytes of a fixture, by its path under test/fixtures. */
export function fixture(path: string): Uint8Array {
  return readFileSync(new URL(path, FIXTURES))
}

/** The JSON document of a fixture, to be changed by a test. */
export function jsonFixture(path: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(fixture(path)).toString('utf8')) as Record<string, unknown>
}

export function bytesOf(document: unknown): Uint8Array {
  return Buffer.from(typeof document === 'string' ? document : JSON.stringify(document))
}

/** Reads a fixture; `auto` unless a format is stated. */
export function read(path: string, format = 'auto'): ParsedReport {
  return readReport(fixture(path), format).report
}

/** Reads a document made by a test. */
export function readDocument(document: unknown, format = 'auto'): ParsedReport {
  return readReport(bytesOf(document), format).report
}

/** The code of the refusal, or `read` if the document was read. */
export function refusal(document: unknown, format = 'auto'): string {
  try {
    readReport(document instanceof Uint8Array ? document : bytesOf(document), format)
    return 'read'
  } catch (error) {
    if (isAppError(error)) return error.code
    throw error
  }
}

/** The counted severities that are not zero. */
export function counted(report: ParsedReport): Partial<Record<Severity, number>> {
  return Object.fromEntries(Object.entries(summarise(report).counts ?? {}).filter(([, count]) => count > 0))
}

export function byId(report: ParsedReport, id: string): Finding {
  const found = report.findings.find((finding) => finding.id === id)
  if (!found) throw new Error(`no finding ${id}`)
  return found
}

/** What is stored in place of the report, as text. */
export function storedText(report: ParsedReport): string {
  return report.redacted ? Buffer.from(report.redacted).toString('utf8') : ''
}
