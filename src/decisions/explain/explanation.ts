import type { Digest } from '../../core/digest.ts'
import type { RecordedDecision, Verdict } from '../decision.ts'
import type { Mode } from '../../policy/model.ts'

/** A place in the input of a pack as a JSON pointer (RFC 6901), and what stands there. */
export interface ReadFact {
  path: string
  value: unknown
}

/** The nearest value of a number with which a rule would have said otherwise; everything else stays. */
export interface NearestFlip {
  /** It is exact to this step. */
  step: number
  to: number
  /** What the rule says then. */
  state: RuleState
  /** Of the whole decision. */
  verdict: Verdict
}

/** A parameter with which a rule stands or falls: another value of it makes the rule say otherwise. */
export interface DecidingParameter extends ReadFact {
  /** For a number, where one within the parameter's schema would do. */
  flip: NearestFlip | null
}

/** What a pack says by a rule. */
export type RuleState = 'violation' | 'warning' | 'holds'

export interface ExplainedRule {
  /** As in `violations[].rule`. */
  rule: string
  title: string
  /** What the pack says of it, before waivers. */
  state: RuleState
  /** What it did to the verdict. */
  effect: 'denies' | 'warns' | 'shadow' | 'waived' | 'none'
  messages: string[]
  /** Another value there makes the rule say something else: each was tried. */
  facts: ReadFact[]
  parameters: DecidingParameter[]
}

export interface ExplainedBinding {
  binding: string
  pack: string
  version: Digest
  mode: Mode
  /** False if the input is too large to try every place: then there may be more facts and parameters. */
  complete: boolean
  rules: ExplainedRule[]
}

/** A recorded decision, rule by rule. */
export interface Explanation {
  decision: RecordedDecision
  /** Why the input can't be made again, so that there is nothing but the decision; null if it can. */
  obstacle: { code: string; message: string } | null
  bindings: ExplainedBinding[]
}
