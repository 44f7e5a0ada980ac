import { cutText, printable } from '../../core/printable.ts'
import type { PackResult } from '../result.ts'
import { APPROVAL_MESSAGES } from './approvals.ts'
import { ARTIFACT_INTEGRITY_MESSAGES } from './artifact-integrity.ts'
import { CHANGE_RECORD_MESSAGES } from './change-record.ts'
import { CHANGE_WINDOW_MESSAGES } from './change-window.ts'
import { COVERAGE_MESSAGES } from './coverage.ts'
import { FINDING_MESSAGES } from './findings.ts'
import { GATE_MESSAGES } from './gate.ts'
import { METRIC_MESSAGES } from './metrics.ts'
import { MIGRATION_MESSAGES } from './migrations.ts'
import { PERFORMANCE_MESSAGES } from './performance.ts'
import { PROMOTION_MESSAGES } from './promotion.ts'
import { QUALITY_MESSAGES } from './quality.ts'
import { READINESS_MESSAGES } from './readiness.ts'
import { ROLLBACK_TESTED_MESSAGES } from './rollback-tested.ts'
import { ROLLBACK_MESSAGES } from './rollback.ts'
import { COMMON_MESSAGES } from './shared.ts'
import { SOURCE_GOVERNANCE_MESSAGES } from './source-governance.ts'
import { TEST_MESSAGES } from './tests.ts'
import { VERDICT_MESSAGES } from './verdict.ts'
import { VULNERABILITY_MESSAGES } from './vulnerabilities.ts'
import type { Message, MessageFinding, RuleMessage } from './words.ts'

export type { Message, MessageFinding } from './words.ts'

const BY_PACK: ReadonlyMap<string, Readonly<Record<string, RuleMessage>>> = new Map([
  ['vulnerabilities', VULNERABILITY_MESSAGES],
  ['findings', FINDING_MESSAGES],
  ['coverage', COVERAGE_MESSAGES],
  ['tests', TEST_MESSAGES],
  ['change-window', CHANGE_WINDOW_MESSAGES],
  ['rollback', ROLLBACK_MESSAGES],
  ['approvals', APPROVAL_MESSAGES],
  ['verdict', VERDICT_MESSAGES],
  ['change-record', CHANGE_RECORD_MESSAGES],
  ['artifact-integrity', ARTIFACT_INTEGRITY_MESSAGES],
  ['metrics', METRIC_MESSAGES],
  ['migrations', MIGRATION_MESSAGES],
  ['performance', PERFORMANCE_MESSAGES],
  ['quality', QUALITY_MESSAGES],
  ['readiness', READINESS_MESSAGES],
  ['promotion', PROMOTION_MESSAGES],
  ['rollback-tested', ROLLBACK_TESTED_MESSAGES],
  ['source-governance', SOURCE_GOVERNANCE_MESSAGES],
  ['gate', GATE_MESSAGES],
])

/** Longest sentence that is shown, in UTF-16 code units. */
const MAX_LENGTH = 1000

/**
 * Renders a result of a pack as sentences, once for every output.
 * A custom pack's own sentences pass through, bounded and without control characters like all others.
 * @param findings those that the result rests on, in its order
 */
export function renderResult(pack: string, result: PackResult | string, findings: readonly MessageFinding[]): Message {
  const { message, fix } = typeof result === 'string' ? { message: result, fix: null } : write(pack, result, findings)
  return { message: presentable(message), fix: fix === null ? null : presentable(fix) }
}

function write(pack: string, result: PackResult, findings: readonly MessageFinding[]): Message {
  // Only custom packs bring sentences, whatever their rules are called.
  const render = result.message === undefined ? ruleMessage(pack, result.rule) : undefined
  if (render) return render(result, findings)
  return { message: result.message ?? `Rule ${pack}.${result.rule} is broken.`, fix: result.fix ?? null }
}

function ruleMessage(pack: string, rule: string): RuleMessage | undefined {
  const rules = BY_PACK.get(pack)
  for (const table of [rules, COMMON_MESSAGES]) if (table && Object.hasOwn(table, rule)) return table[rule]
  return undefined
}

/** Texts from reports reach terminals and log viewers: control characters would let them rewrite what stands there. */
function presentable(text: string): string {
  return cutText(printable(text.slice(0, MAX_LENGTH * 2)), MAX_LENGTH)
}
