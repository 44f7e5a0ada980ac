import { calendarAt } from '../governance/calendar.ts'
import type { InputCalendar, InputPriorDecision } from '../policy/input.ts'
import type { AppliedBaseline, Baselines } from './baselines/baselines.ts'
import { excusedIn } from './baselines/uses.ts'
import type { PlannedBinding } from './binding-plans.ts'
import type { FactsReader } from './ports.ts'
import type { Question } from './question.ts'
import type { PackEvidence, SubjectView } from './subject-view.ts'

/** A binding that applies to a question, with what its pack gets to see. */
export interface PreparedBinding {
  plan: PlannedBinding
  view: SubjectView
  evidence: PackEvidence
  baseline: AppliedBaseline | null
  /** What the pack would see without the baseline; null if that is the same. */
  bare: PackEvidence | null
  calendar: InputCalendar | null
  prior: InputPriorDecision[]
  /** Instants (milliseconds since the epoch) at which an allow ends because of what it rests on. */
  endsAt: number[]
}

/** Gathers what a binding's pack gets to see: evidence always, calendar and earlier decisions where its parameters speak of them. */
export async function prepare(
  plan: PlannedBinding,
  question: Question,
  view: SubjectView,
  { facts, baselines }: { facts: FactsReader; baselines: Baselines },
): Promise<PreparedBinding> {
  const calendar =
    'windows' in plan.parameters || 'freezes' in plan.parameters ? calendarAt(question.at, plan.parameters, question.environment) : null
  const prior = 'fromStages' in plan.parameters ? await priorDecisions(question, view, facts) : []
  const baseline = await baselines.apply(plan, view, question.at)
  const evidence = await view.evidenceFor(plan.rules, plan.requiredNames, baseline?.debt)
  return {
    plan,
    view,
    evidence,
    baseline,
    bare: excusedIn(evidence) === 0 ? null : await view.evidenceFor(plan.rules, plan.requiredNames),
    calendar,
    prior,
    endsAt: [calendar?.closes_at, calendar?.next_freeze_at].flatMap((text) => (text ? [Date.parse(text)] : [])),
  }
}

/** An index's allow admits its platforms; a platform's admits only itself. */
async function priorDecisions(question: Question, view: SubjectView, facts: FactsReader): Promise<InputPriorDecision[]> {
  const indexes = view.facts.links.filter((link) => link.kind === 'platform' && link.to === question.subject.id).map((link) => link.from)
  const decisions = await facts.priorDecisions([question.subject.id, ...indexes])
  return decisions
    .filter((decision) => decision.environment === question.environment && view.concernsAsker(decision.repository))
    .map((decision) => ({
      id: decision.id,
      verdict: decision.verdict,
      stage: decision.stage,
      environment: decision.environment,
      repository: decision.repository,
      at: Math.floor(Date.parse(decision.at) / 1000),
      expires: Math.floor(Date.parse(decision.expiresAt) / 1000),
    }))
}

/**
 * The input of each prepared binding as JSON text. The parts that all share are written once; every part was made by
 * `JSON.stringify` from parsed values, so that the engine never sees bytes from outside.
 */
export function composeInputs(question: Question, prepared: readonly PreparedBinding[]): string[] {
  const head = sharedHead(question, prepared[0]?.view)
  return prepared.map(
    ({ plan, evidence, calendar, prior }) =>
      `${head},"evidence":${evidence.json},"calendar":${JSON.stringify(calendar)},"prior":${JSON.stringify(prior)},"parameters":${plan.parametersJson}}`,
  )
}

function sharedHead(question: Question, view: SubjectView | undefined): string {
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
