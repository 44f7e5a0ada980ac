import type { Digest } from '../core/digest.ts'
import type { Access } from '../core/principal.ts'
import type { Owner } from '../ownership/model.ts'
import type { OwnershipCache } from '../ownership/ownership-cache.ts'
import type { BreakGlassRule } from '../policy/break-glass.ts'
import { effectiveParameters } from '../policy/effective-parameters.ts'
import type { BindingSelector, Mode } from '../policy/model.ts'
import { excludingSelector, maySeeBinding } from './applicable-bindings.ts'
import type { BindingPlans, BrokenBinding, PlannedBinding } from './binding-plans.ts'
import { placeOf } from './preparation.ts'
import { readQuestion } from './question.ts'
import { sourcesOf, visibleLinks } from './subject-links.ts'
import type { FactsReader } from './ports.ts'

/** What would be asked. */
export interface EffectiveQuery {
  subject: string
  stage: string
  environment?: string
  /** As if its own pipeline asked: taken for proven. */
  repository?: string
}

/** A binding that applies, with what it demands there. */
export interface EffectiveBinding {
  name: string
  pack: string
  /** Null if it can't be carried out. */
  version: Digest | null
  mode: Mode
  /** With the schema's defaults and the overrides of the environment. */
  parameters: Readonly<Record<string, unknown>>
  validFor: string
  /** For how long somebody may pass against it in an emergency; null: nobody can. */
  breakGlass: BreakGlassRule | null
  /** Why it can't be carried out, which counts as a violation in its mode; null if it can. */
  broken: string | null
}

/** The policy that holds for a subject at a stage. */
export interface EffectivePolicy {
  subject: string
  stage: string
  environment: string
  repository: string | null
  project: string | null
  owners: readonly Owner[]
  /** True if a binding in mode enforce applies. */
  enforced: boolean
  bindings: EffectiveBinding[]
  /** Those that don't apply, with the selector that excludes them. */
  excluded: { name: string; pack: string; mode: Mode; by: keyof BindingSelector }[]
}

export interface EffectiveParts {
  plans: Pick<BindingPlans, 'current'>
  facts: Pick<FactsReader, 'about'>
  ownership: Pick<OwnershipCache, 'current'>
}

/**
 * What would be demanded if that was asked now, without judging it.
 * @throws {AppError} as asking does: for a malformed subject or name, and for what is outside the asker's confinement
 */
export async function effectivePolicy(access: Access, query: EffectiveQuery, now: number, parts: EffectiveParts): Promise<EffectivePolicy> {
  const { repository, ...asked } = query
  const question = readQuestion(access, { ...asked, dryRun: true, ...(repository !== undefined && { context: { repository } }) }, now)
  const [plans, ownership, { links }] = await Promise.all([
    parts.plans.current(),
    parts.ownership.current(),
    parts.facts.about(question.subject.id),
  ])
  const asker = repository === undefined ? access : { ...access, confinement: { ...access.confinement, repositories: [repository] } }
  const sources = sourcesOf(question.subject.id, visibleLinks(links, { repositories: asker.confinement.repositories ?? null }))
  const place = placeOf(asker, question, sources, ownership)
  const known = plans.filter(({ binding }) => maySeeBinding(binding, access.confinement))
  const applying = known.filter(({ binding }) => excludingSelector(binding, place) === undefined)
  return {
    subject: question.subject.id,
    stage: question.stage,
    environment: question.environment,
    repository: question.repository,
    ...ownership.ownerOf(question.repository),
    enforced: applying.some(({ binding }) => binding.mode === 'enforce'),
    bindings: applying.map((plan) => shown(plan, question.environment)),
    excluded: known.flatMap(({ binding: { name, pack, mode }, binding }) => {
      const by = excludingSelector(binding, place)
      return by ? [{ name, pack, mode, by }] : []
    }),
  }
}

function shown(plan: PlannedBinding | BrokenBinding, environment: string): EffectiveBinding {
  const { name, pack, mode, validFor, breakGlass, parameters } = plan.binding
  const common = { name, pack, mode, validFor, breakGlass: breakGlass ?? null }
  return 'broken' in plan
    ? { ...common, version: null, parameters, broken: plan.broken }
    : { ...common, version: plan.manifest.digest, parameters: effectiveParameters(plan.parameters, environment), broken: null }
}
