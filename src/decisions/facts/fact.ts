import type { Access } from '../../core/principal.ts'
import type { FactName } from '../../policy/facts.ts'
import type { PlannedBinding } from '../binding-plans.ts'
import type { DecisionGround } from '../decision.ts'
import type { Question } from '../question.ts'
import type { SubjectView } from '../subject-view.ts'

/** For which binding of which question a fact is gathered. */
export interface FactContext {
  access: Access
  plan: PlannedBinding
  question: Question
  view: SubjectView
}

/** What a pack is told, as JSON. It is stored with the decision as it is, so it names no secret and is bounded. */
export interface Fact {
  value: unknown
  /** Instants (milliseconds since the epoch) that an allow under the same binding must not outlast. */
  endsAt?: readonly number[]
  /** What such an allow rests on besides evidence. */
  restsOn?: readonly DecisionGround[]
}

/** Who gathers which fact. */
export type FactSources = Readonly<Record<FactName, (context: FactContext) => Fact | Promise<Fact>>>

/** The facts that a pack asks for, with what they say. */
export type GatheredFacts = Partial<Readonly<Record<FactName, unknown>>>

/** What a pack finds in its input where it didn't ask. */
export const ABSENT_FACTS: Readonly<Record<FactName, unknown>> = {
  calendar: null,
  prior: [],
  rollback: null,
  approvals: null,
  promotion: null,
}

/** What was gathered for a binding, and what an allow under it owes to that. */
export interface Gathering {
  facts: GatheredFacts
  endsAt: number[]
  restsOn: DecisionGround[]
}

/** Gathers what the pack of a binding asks for. */
export async function gatherFacts(sources: FactSources, context: FactContext): Promise<Gathering> {
  const asked = context.plan.manifest.facts
  const gathered = await Promise.all(asked.map(async (name) => [name, await sources[name](context)] as const))
  return {
    facts: Object.fromEntries(gathered.map(([name, { value }]) => [name, value])),
    endsAt: gathered.flatMap(([, { endsAt }]) => endsAt ?? []),
    restsOn: gathered.flatMap(([, { restsOn }]) => restsOn ?? []),
  }
}
