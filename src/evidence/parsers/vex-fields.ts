import { AppError } from '../../core/app-error.ts'
import type { Digest } from '../../core/digest.ts'
import { parsePurl } from '../../core/purl.ts'
import type { ParsedReport, VexStatement } from '../model.ts'
import type { ReportErrorCode } from '../parser.ts'
import { report } from './report.ts'

/** Far more than any product's document holds. */
const MAX_STATEMENTS = 20_000
const MAX_PRODUCTS = 100_000
const SHA256 = /^[0-9a-f]{64}$/i

/**
 * A VEX document as a report. One that holds a statement which means nothing (a claim without its reason, or about no product) is
 * partial: nothing of it counts.
 * @param draft why the document as a whole doesn't count yet, if it doesn't
 */
export function vexReport(
  tool: ParsedReport['tool'],
  statements: readonly VexStatement[],
  reportedAt: string | null,
  draft: string | null = null,
): ParsedReport {
  const fault = draft ?? statements.map(faultOf).find((found) => found !== null)
  const products = statements.reduce((sum, statement) => sum + statement.products.length, 0)
  if (statements.length > MAX_STATEMENTS || products > MAX_PRODUCTS) throw tooComplex()
  return report(tool, ['vex'], {
    ...(statements.length === 0 && { completeness: 'empty', completenessReason: 'The document makes no statement.' }),
    ...(fault !== undefined && { completeness: 'partial', completenessReason: fault }),
    reportedAt,
    vex: [...statements],
  })
}

/** What keeps a statement from counting, in one sentence; null if nothing does. */
export function faultOf(statement: VexStatement): string | null {
  const [name] = statement.vulnerability
  if (name === undefined) return 'A statement names no vulnerability.'
  if (statement.products.length === 0) return `The statement about ${name} names no product.`
  if (statement.status !== 'not_affected' || statement.justification !== null || statement.statement !== null) return null
  return `The statement that ${name} does not affect gives no reason.`
}

/** The digests by which identifiers and hashes name a product: `pkg:oci/NAME@sha256:…`, `NAME@sha256:…`, a SHA-256 hash. */
export function productDigests(ids: readonly string[], sha256Hashes: readonly unknown[]): Digest[] {
  const named = ids.flatMap((id) => {
    const text = parsePurl(id)?.version ?? id
    return /(?:^|@)(sha256:[0-9a-f]{64})$/.exec(text)?.[1] ?? []
  })
  const hashed = sha256Hashes.flatMap((hash) => (typeof hash === 'string' && SHA256.test(hash) ? [`sha256:${hash.toLowerCase()}`] : []))
  return [...new Set([...named, ...hashed])] as Digest[]
}

function tooComplex(): AppError<ReportErrorCode> {
  return new AppError('report_too_complex', `The document makes more than ${MAX_STATEMENTS} statements.`, {
    field: 'body',
    remedy: 'Send a document about this product alone.',
  })
}
