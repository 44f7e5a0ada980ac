import type { Access } from '../core/principal.ts'
import { applicableBindings } from './applicable-bindings.ts'
import type { Baselines } from './baselines/baselines.ts'
import type { BindingPlans, BrokenBinding, PlannedBinding } from './binding-plans.ts'
import type { FactSources } from './facts/fact.ts'
import { prepare, type PreparedBinding } from './prepare.ts'
import type { Question } from './question.ts'
import type { ViewCache } from './view-cache.ts'

/** The bindings that apply to a question: those that can be judged, with what they rest on, and those that this service can't carry out. */
export interface Prepared {
  prepared: PreparedBinding[]
  broken: BrokenBinding[]
}

export interface PreparationParts {
  plans: Pick<BindingPlans, 'current'>
  views: ViewCache
  sources: FactSources
  baselines: Baselines
}

/** Gathers everything that a question is judged by. */
export async function prepareQuestion(access: Access, question: Question, parts: PreparationParts): Promise<Prepared> {
  const chosen = plansFor(access, question, await parts.plans.current())
  const view = await parts.views.view(
    {
      subject: question.subject.id,
      askerId: access.principal.id,
      askerIssuerIds: access.issuerIds,
      repositories: access.confinement.repositories ?? null,
      repository: question.repository,
      until: question.atChosen ? question.at : undefined,
    },
    question.declaredLink,
  )
  const sound = chosen.filter((plan) => 'manifest' in plan)
  return {
    prepared: await Promise.all(sound.map((plan) => prepare(plan, { access, question, view }, parts))),
    broken: chosen.filter((plan) => 'broken' in plan),
  }
}

/** The plans of the bindings that apply. */
function plansFor(
  { confinement }: Access,
  { stage, environment }: Question,
  plans: readonly (PlannedBinding | BrokenBinding)[],
): (PlannedBinding | BrokenBinding)[] {
  const applicable = new Set(
    applicableBindings(
      plans.map(({ binding }) => binding),
      { stage, environment, confinement },
    ),
  )
  return plans.filter(({ binding }) => applicable.has(binding))
}
