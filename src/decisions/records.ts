import type { AnsweredDecision, Decision, RecordedDecision } from './decision.ts'

/** The record that the log entry of a decision speaks for: the decision without its place in the log, and without what became of it. */
export function decisionRecord(decision: Decision | (AnsweredDecision & { dryRun: boolean })): object {
  const { logIndex: _, voidedAt: __, ...record } = decision as Decision & Partial<RecordedDecision>
  return record
}
