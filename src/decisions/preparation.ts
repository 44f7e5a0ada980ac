import type { Access } from '../core/principal.ts'
import { parseSubject } from '../core/subject.ts'
import type { WaiverIndex } from '../governance/waivers/waiver-index.ts'
import type { WaiversInForce } from '../governance/waivers/waivers-in-force.ts'
import type { Block } from '../governance/blocks/block.ts'
import type { BlockCache } from '../governance/blocks/block-cache.ts'
import type { Link } from '../evidence/index.ts'
import type { OwnershipCache } from '../ownership/ownership-cache.ts'
import type { OwnershipMap } from '../ownership/ownership-map.ts'
import { applicableBindings, type BindingContext } from './applicable-bindings.ts'
import type { Baselines } from './baselines/baselines.ts'
import type { BindingPlans, BrokenBinding, PlannedBinding } from './binding-plans.ts'
import type { FactSources } from './facts/fact.ts'
import { prepare, type PreparedBinding } from './prepare.ts'
import type { Question } from './question.ts'
import type { LinkedSource } from './subject-links.ts'
import type { ViewCache } from './view-cache.ts'

/** The bindings that apply to a question: those that can be judged, with what they rest on, and those that this service can't carry out. */
export interface Prepared {
  prepared: PreparedBinding[]
  broken: BrokenBinding[]
  /** The waivers that count; read only where something speaks against passing. */
  waivers: () => Promise<WaiverIndex>
  /** What denies whatever the bindings say. */
  blocks: readonly Block[]
}

/** What was gathered for a question that is asked now. */
export interface PreparedNow extends Prepared {
  /** Number of the newest block that was known. */
  newestBlock: number
}

export interface PreparationParts {
  plans: Pick<BindingPlans, 'current'>
  ownership: Pick<OwnershipCache, 'current'>
  blocks: Pick<BlockCache, 'current'>
  views: ViewCache
  sources: FactSources
  baselines: Baselines
  waivers: Pick<WaiversInForce, 'current' | 'asOf'>
}

/** Gathers everything that a question is judged by. */
export async function prepareQuestion(access: Access, question: Question, parts: PreparationParts): Promise<PreparedNow> {
  const viewing = parts.views.view(
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
  const [view, plans, ownership, blocks] = await Promise.all([
    viewing,
    parts.plans.current(),
    parts.ownership.current(),
    parts.blocks.current(),
  ])
  const chosen = plansFor(placeOf(access, question, view.sources, ownership), plans)
  const sound = chosen.filter((plan) => 'manifest' in plan)
  return {
    prepared: await Promise.all(sound.map((plan) => prepare(plan, { access, question, view }, parts))),
    broken: chosen.filter((plan) => 'broken' in plan),
    waivers: () => (question.atChosen ? parts.waivers.asOf(question.at) : parts.waivers.current()),
    blocks: blocks.on(concernedWith(question.subject.id, view.facts.links), question.at),
    newestBlock: blocks.newest,
  }
}

/** A subject, with what it is made of or part of as far as the asker may see it: whatever of that is blocked denies the subject as well. */
function concernedWith(subject: string, links: readonly Link[]): string[] {
  return [subject, ...links.flatMap(({ from, to }) => [from, to])]
}

/** Where a question is asked, by what is proven of it. */
export function placeOf(
  { confinement }: Pick<Access, 'confinement'>,
  { stage, environment, subject }: Pick<Question, 'stage' | 'environment' | 'subject'>,
  sources: readonly LinkedSource[],
  ownership: Pick<OwnershipMap, 'repositoriesOf'>,
): BindingContext {
  return {
    stage,
    environment,
    confinement,
    sources: subject.kind === 'source' ? [subject.repository] : provenRepositories(sources),
    repositoriesOf: (team) => ownership.repositoriesOf(team),
  }
}

function provenRepositories(sources: readonly LinkedSource[]): string[] {
  return sources.flatMap(({ id, proof }) => {
    const source = proof === 'provenance' ? parseSubject(id) : undefined
    return source?.kind === 'source' ? [source.repository] : []
  })
}

/** The plans of the bindings that apply. */
function plansFor(place: BindingContext, plans: readonly (PlannedBinding | BrokenBinding)[]): (PlannedBinding | BrokenBinding)[] {
  const applicable = new Set(
    applicableBindings(
      plans.map(({ binding }) => binding),
      place,
    ),
  )
  return plans.filter(({ binding }) => applicable.has(binding))
}
