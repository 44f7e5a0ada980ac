import { parseSubject } from '../../core/subject.ts'
import { isAppError } from '../../core/app-error.ts'
import type { WaiverStore } from '../../governance/waivers/ports.ts'
import { WaiverIndex } from '../../governance/waivers/waiver-index.ts'
import type { Waiver } from '../../governance/waivers/waiver.ts'
import type { ExactVersion, PackCatalogue } from '../../policy/catalogue.ts'
import type { BindingStore } from '../../policy/ports.ts'
import type { VersionFaults } from '../../policy/versions/runnable-versions.ts'
import type { BaselineStore } from '../baselines/ports.ts'
import { excusedIn } from '../baselines/uses.ts'
import { planWith, type PlannedBinding } from '../binding-plans.ts'
import type { FactsReader } from '../ports.ts'
import type { Prepared } from '../preparation.ts'
import type { JudgedSubject, PreparedBinding } from '../prepare.ts'
import type { Question } from '../question.ts'
import { digestOfParameters, type BindingReference, type ReferenceForm } from '../reference-form.ts'
import { packEvidence } from '../subject-view.ts'
import { recomposeBaseline } from './recompose-baseline.ts'
import { recomposeEvidence } from './recompose-evidence.ts'
import { RecompositionError } from './obstacle.ts'

/** What a stored input refers to is read from here; all of it is immutable. */
export interface RecomposeParts {
  facts: Pick<FactsReader, 'evidence' | 'document' | 'firstSeen'>
  bindings: Pick<BindingStore, 'revised'>
  baselines: Pick<BaselineStore, 'set'>
  waivers: Pick<WaiverStore, 'byIds'>
  catalogue: PackCatalogue
}

/** A question with what was gathered for it then. */
export interface Recomposed {
  question: Question
  gathered: Prepared
  /** Names of the bindings whose evidence is no longer composed as it was. */
  differing: string[]
}

/** The pack versions that judged then. */
export function versionsOf({ bindings }: Pick<ReferenceForm, 'bindings'>): ExactVersion[] {
  return bindings.map(({ pack, version }) => ({ name: pack, digest: version }))
}

/** @throws {RecompositionError} if one of them can't be run any more */
export function requireRunnable(form: Pick<ReferenceForm, 'bindings'>, faults: VersionFaults): void {
  for (const { digest } of versionsOf(form)) {
    const fault = faults.get(digest)
    if (fault !== undefined) throw new RecompositionError('pack_version_missing', `Version ${digest} can't be run: ${fault}.`)
  }
}

/**
 * Makes the inputs again that the packs saw, from what was stored by reference.
 * @throws {RecompositionError} if something that it refers to is gone
 */
export async function recompose(form: ReferenceForm, parts: RecomposeParts): Promise<Recomposed> {
  const prepared = await Promise.all(form.bindings.map((reference) => recomposeBinding(form, reference, parts)))
  return {
    question: questionOf(form),
    gathered: {
      prepared,
      broken: await Promise.all(form.broken.map((broken) => recomposeBroken(broken, parts))),
      waivers: async () => new WaiverIndex(await appliedWaivers(form, parts)),
      blocks: form.blocks,
    },
    differing: prepared.flatMap(({ plan, evidence }, at) =>
      evidence.digest === form.bindings[at]?.evidenceDigest ? [] : [plan.binding.name],
    ),
  }
}

/** Those that did something then; what became of them since doesn't matter. */
export function appliedWaivers({ waivers: applied }: ReferenceForm, { waivers }: Pick<RecomposeParts, 'waivers'>): Promise<Waiver[]> {
  return waivers.byIds([...new Set(applied.map(({ id }) => id))])
}

/** The question as it was judged; what was only noted beside it is left out. */
export function questionOf(form: ReferenceForm): Question {
  const { subject, subjectName, stage, environment, repository, context, verified, identity, breakGlass, at } = form
  return {
    subject: parseSubject(subjectName === null ? subject : `${subjectName}@${subject}`),
    ...{ stage, environment, repository, context, verified, identity, breakGlass },
    declared: [],
    contradicted: [],
    declaredLink: undefined,
    at: Date.parse(at),
    atChosen: true,
    dryRun: true,
  }
}

async function recomposeBinding(form: ReferenceForm, reference: BindingReference, parts: RecomposeParts): Promise<PreparedBinding> {
  return prepareAgain(form, reference, await recomposePlan(reference, parts), parts)
}

/**
 * What a pack gets to see of the evidence that was selected then.
 * @param plan the one of then, or another that selects the same evidence
 */
export async function prepareAgain(
  form: ReferenceForm,
  reference: BindingReference,
  plan: PlannedBinding,
  { facts: reader, baselines }: RecomposeParts,
): Promise<PreparedBinding> {
  const gathered = await recomposeEvidence(form, reference, reader)
  const baseline = await recomposeBaseline(form, reference, plan, gathered.selection, baselines)
  const evidence = packEvidence(gathered, plan.requiredNames, baseline?.debt)
  return {
    plan,
    view: judgedSubject(form),
    evidence,
    baseline,
    bare: excusedIn(evidence) === 0 ? null : packEvidence(gathered, plan.requiredNames),
    facts: reference.facts,
    endsAt: [...reference.endsAt],
    restsOn: [...reference.restsOn],
  }
}

export function judgedSubject({ sources, platforms }: ReferenceForm): JudgedSubject {
  return { sources, contributors: undefined, facts: { family: { judged: platforms } } }
}

/** The binding and the pack version of then. */
async function recomposePlan(reference: BindingReference, { bindings, catalogue }: RecomposeParts): Promise<PlannedBinding> {
  const { name, revision, pack, version, parameters } = reference
  const binding = await bindings.revised(name, revision)
  if (!binding) throw new RecompositionError('binding_missing', `Revision ${revision} of binding "${name}" is not in the store.`)
  const manifest = catalogue.version(pack, version)
  if (!manifest) throw new RecompositionError('pack_version_missing', `Version ${version} of pack "${pack}" is not installed.`)
  const plan = planAsItWas(() => planWith(binding, manifest), name)
  if (digestOfParameters(plan) !== parameters) throw parametersDiffer(name)
  return plan
}

function planAsItWas(plan: () => PlannedBinding, name: string): PlannedBinding {
  try {
    return plan()
  } catch (error) {
    throw isAppError(error) ? parametersDiffer(name) : error
  }
}

function parametersDiffer(name: string): RecompositionError {
  return new RecompositionError('parameters_differ', `The parameters of binding "${name}" are no longer read as they were.`)
}

async function recomposeBroken({ name, revision, reason }: ReferenceForm['broken'][number], { bindings }: RecomposeParts) {
  const binding = await bindings.revised(name, revision)
  if (!binding) throw new RecompositionError('binding_missing', `Revision ${revision} of binding "${name}" is not in the store.`)
  return { binding, broken: reason }
}
