/** What decisions are searched by; the record itself is in `log_records`. The log index is the key. */
export interface DecisionTable {
  log_index: number
  id: string
  subject: string
  stage: string
  environment: string
  repository: string | null
  verdict: string
  enforced: number
  /** RFC 3339 UTC. */
  at: string
  expires_at: string
  actor: string
}

/** The stored input of a decision in reference form, JSON. */
export interface DecisionInputTable {
  log_index: number
  input: string
}

export interface DecisionRuleTable {
  rule: string
  log_index: number
}

/** What a binding that didn't enforce had against a decision. */
export interface DecisionObjectionTable {
  binding: string
  log_index: number
  rule: string
}

/** What a decision's violations, warnings and shadow findings serve. */
export interface DecisionControlTable {
  control: string
  log_index: number
}

export interface DecisionContextTable {
  key: string
  value: string
  log_index: number
}

/** What an allow rests on. */
export interface DecisionGroundTable {
  kind: string
  ground: string
  log_index: number
}

/** Allows of which something that they rested on was taken back before they ended. */
export interface DecisionVoidTable {
  log_index: number
  /** RFC 3339 UTC. */
  at: string
}

/** What was taken back: no allow that rests on it is recorded any more. */
export interface RevokedGroundTable {
  kind: string
  ground: string
  /** RFC 3339 UTC. */
  at: string
}

/** The newest enforced decision per subject × stage × environment × repository (`''` for none). */
export interface NewestDecisionTable {
  subject: string
  stage: string
  environment: string
  repository: string
  log_index: number
}

/** Every repository that a decision was about: a reader's globs are matched against these few names. */
export interface DecisionRepositoryTable {
  name: string
}
