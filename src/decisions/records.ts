import type { AnsweredDecision, Decision } from './decision.ts'

/** The record that the log entry of a decision speaks for: the decision without its place in the log. */
export function decisionRecord(decision: Decision | (AnsweredDecision & { dryRun: boolean })): object {
  const { logIndex: _, ...record } = decision as Decision & { logIndex?: number }
  return record
}
