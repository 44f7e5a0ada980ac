import { FACT_NAMES } from '../policy/facts.ts'
import type { Access } from '../core/principal.ts'
import type { AppliedBaseline, Baselines } from './baselines/baselines.ts'
import { excusedIn } from './baselines/uses.ts'
import type { PlannedBinding } from './binding-plans.ts'
import { ABSENT_FACTS, gatherFacts, type FactSources, type Gathering, type GatheredFacts } from './facts/fact.ts'
import type { PlatformFamily } from './platforms.ts'
import type { Question } from './question.ts'
import type { PackEvidence, SubjectView } from './subject-view.ts'

/** What of a subject matters to every pack besides the evidence. */
export type JudgedSubject = Pick<SubjectView, 'sources' | 'contributors'> & { facts: { family: Pick<PlatformFamily, 'judged'> } }

/** A binding that applies to a question, with what its pack gets to see, and what an allow owes to that. */
export interface PreparedBinding extends Gathering {
  plan: PlannedBinding
  view: JudgedSubject
  evidence: PackEvidence
  baseline: AppliedBaseline | null
  /** What the pack would see without the baseline; null if that is the same. */
  bare: PackEvidence | null
}

/** Gathers what a binding's pack gets to see: evidence always, other facts where the pack asks for them. */
export async function prepare(
  plan: PlannedBinding,
  { access, question, view }: { access: Access; question: Question; view: SubjectView },
  { sources, baselines }: { sources: FactSources; baselines: Baselines },
): Promise<PreparedBinding> {
  const gathered = plan.manifest.facts.length > 0 ? await gatherFacts(sources, { access, plan, question, view }) : NO_FACTS
  const baseline = await baselines.apply(plan, view, question.at)
  const evidence = await view.evidenceFor(plan.rules, plan.requiredNames, baseline?.debt)
  return {
    plan,
    view,
    evidence,
    baseline,
    bare: excusedIn(evidence) === 0 ? null : await view.evidenceFor(plan.rules, plan.requiredNames),
    ...gathered,
  }
}

const NO_FACTS: Gathering = { facts: {}, endsAt: [], restsOn: [] }

/**
 * The input of each prepared binding as JSON text. The parts that all share are written once; every part was made by
 * `JSON.stringify` from parsed values, so that the engine never sees bytes from outside.
 */
export function composeInputs(question: Question, prepared: readonly PreparedBinding[]): string[] {
  const head = sharedHead(question, prepared[0]?.view)
  return prepared.map(
    ({ plan, evidence, facts }) => `${head},"evidence":${evidence.json},${factsText(facts)},"parameters":${plan.parametersJson}}`,
  )
}

function factsText(facts: GatheredFacts): string {
  return FACT_NAMES.map((name) => `"${name}":${JSON.stringify(facts[name] ?? ABSENT_FACTS[name])}`).join(',')
}

function sharedHead(question: Question, view: JudgedSubject | undefined): string {
  const { subject, stage, environment, repository, verified, identity, context, at } = question
  const head = JSON.stringify({
    version: 1,
    now: Math.floor(at / 1000),
    subject: { id: subject.id, kind: subject.kind, name: subject.kind === 'artifact' ? (subject.name ?? null) : null },
    stage,
    environment,
    repository,
    verified,
    identity,
    context,
    labels: context.labels ?? {},
    sources: view?.sources.map(({ id, proof }) => ({ id, proof })) ?? [],
    platforms: view?.facts.family.judged ?? [],
  })
  return head.slice(0, -1)
}
