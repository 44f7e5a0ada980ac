/**
 * `npm run corpus -- DIR`: reads every file under DIR as a report and prints one line each: what it was read as, or why it was refused.
 * Exit code: 0 if every file was read or refused with a code, 1 if one made the reader fail in another way, 2 for a wrong call.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { argv, stderr, stdout } from 'node:process'

import { isAppError } from '../src/core/app-error.ts'
import { SEVERITIES } from '../src/core/severity.ts'
import type { EvidenceSummary } from '../src/evidence/evidence.ts'
import { PARSERS } from '../src/evidence/formats.ts'
import { readReport, type ReadReport } from '../src/evidence/read-report.ts'
import { summarise } from '../src/evidence/summary.ts'

interface Tally {
  read: number
  refused: number
  broken: number
}

process.exitCode = main(argv[2])

function main(directory: string | undefined): number {
  if (directory === undefined || !statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    stderr.write('Usage: npm run corpus -- DIR\n')
    return 2
  }
  const tally: Tally = { read: 0, refused: 0, broken: 0 }
  for (const path of filesUnder(directory)) stdout.write(`${relative(directory, path)}  ${outcome(path, tally)}\n`)
  stdout.write(`\n${tally.read} read, ${tally.refused} refused with a reason, ${tally.broken} failed otherwise\n`)
  return tally.broken === 0 ? 0 : 1
}

function filesUnder(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

function outcome(path: string, tally: Tally): string {
  try {
    const line = read(path)
    tally.read++
    return line
  } catch (error) {
    if (isAppError(error)) {
      tally.refused++
      return `refused ${error.code}: ${error.message}`
    }
    tally.broken++
    return `FAILED ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
  }
}

/** Recognises the format; where the body alone doesn't tell, the folder's name stands in for the `format` that a user would state. */
function read(path: string): string {
  const bytes = readFileSync(path)
  try {
    return describe(readReport(bytes, 'auto'))
  } catch (error) {
    const hint = basename(dirname(path)).replaceAll('_', '-')
    const open = isAppError(error) && ['report_format_ambiguous', 'report_format_unknown'].includes(error.code)
    if (!open || !PARSERS.some((parser) => parser.format === hint)) throw error
    return `${describe(readReport(bytes, hint))} (format stated: auto does not recognise it)`
  }
}

function describe({ format, report }: ReadReport): string {
  const reason = report.completenessReason === null ? '' : ` (${report.completenessReason})`
  const redacted = report.redacted ? ' redacted' : ''
  return `${format}  ${report.completeness}${reason}  ${figures(summarise(report), report.manifests?.length)}${redacted}`
}

function figures(summary: EvidenceSummary, manifests: number | undefined): string {
  const { counts, fixable } = summary
  return [
    summary.scanned.join('+'),
    ...(counts ? SEVERITIES.map((severity) => `${severity} ${counts[severity]}`) : []),
    ...(fixable ? [`fixable ${sum(fixable)}`, `suppressed ${sum(summary.suppressed ?? {})}`] : []),
    ...(summary.lines === undefined ? [] : [`lines ${summary.lines} branches ${summary.branches} functions ${summary.functions}`]),
    ...(summary.total === undefined ? [] : [testFigures(summary)]),
    ...(manifests === undefined ? [] : [`manifests ${manifests}`]),
  ].join(' ')
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((a, b) => a + b, 0)
}

function testFigures({ total, passed, failed, errored, skipped, flaky }: EvidenceSummary): string {
  return `total ${total} passed ${passed} failed ${failed} errored ${errored} skipped ${skipped} flaky ${flaky}`
}
