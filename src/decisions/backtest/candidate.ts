import { isAppError } from '../../core/app-error.ts'
import { canonicalJson } from '../../core/canonical-json.ts'
import { approvalRules } from '../../governance/approvals/parameters.ts'
import type { CalendarCache } from '../../governance/calendar/calendar-cache.ts'
import { calendarAt } from '../../governance/calendar/calendar.ts'
import { joinedRules, rulesOfParameters } from '../../governance/calendar/rules.ts'
import type { ExactVersion, PackCatalogue } from '../../policy/catalogue.ts'
import type { WaiverStore } from '../../governance/waivers/ports.ts'
import { WaiverIndex } from '../../governance/waivers/waiver-index.ts'
import { FACT_NAMES, type FactName } from '../../policy/facts.ts'
import type { Binding, Mode, PackManifest } from '../../policy/model.ts'
import type { VersionFaults } from '../../policy/versions/runnable-versions.ts'
import { applicableBindings } from '../applicable-bindings.ts'
import { planWith, type PlannedBinding } from '../binding-plans.ts'
import { provenFacts } from '../facts/calendar.ts'
import { requiredStages } from '../facts/prior.ts'
import type { GatheredFacts } from '../facts/fact.ts'
import type { FactsReader } from '../ports.ts'
import { placeOf, type Prepared } from '../preparation.ts'
import type { PreparedBinding } from '../prepare.ts'
import type { Question } from '../question.ts'
import type { BindingReference, ReferenceForm } from '../reference-form.ts'
import {
  appliedWaivers,
  judgedSubject,
  prepareAgain,
  questionOf,
  recompose,
  requireRunnable,
  type RecomposeParts,
} from '../replay/recompose.ts'
import { SubjectView } from '../subject-view.ts'
import type { BacktestRequest } from './request.ts'

/**
 * Why a decision can't be tried.
 * - `parameters_invalid`: what the binding had doesn't fit the version
 * - `fact_not_recorded`: the version asks for something that nobody asked for then
 */
export class TrialError extends Error {
  readonly code: 'parameters_invalid' | 'fact_not_recorded'

  constructor(code: TrialError['code']) {
    super(code)
    this.code = code
  }
}

/** What a binding ran then. */
interface RecordedBinding {
  reference: BindingReference
  plan: PlannedBinding
}

export interface CandidateParts extends Omit<RecomposeParts, 'facts' | 'catalogue' | 'waivers'> {
  facts: FactsReader
  waivers: Pick<WaiverStore, 'byIds' | 'inForce'>
  calendars: Pick<CalendarCache, 'current'>
}

/** The versions that the other bindings of recorded decisions ran, and why some of them can't be run. */
export interface KnownVersions {
  catalogue: PackCatalogue
  faults: VersionFaults
}

/** A pack version on trial: says what would have been gathered for a recorded question, had it been bound then. */
export class Candidate {
  readonly #request: BacktestRequest
  readonly #manifest: PackManifest
  readonly #parts: CandidateParts
  readonly #plans = new Map<string, PlannedBinding | TrialError>()

  constructor(request: BacktestRequest, manifest: PackManifest, parts: CandidateParts) {
    this.#request = request
    this.#manifest = manifest
    this.#parts = parts
  }

  /** The version itself. */
  get versions(): ExactVersion[] {
    return [this.#manifest]
  }

  /**
   * The question with the version in the place of what its bindings ran, and where bindings of now would have applied. What no longer has
   * anything to do with the version is undefined.
   * @throws {TrialError} or `RecompositionError`
   */
  async gather(form: ReferenceForm, { catalogue, faults }: KnownVersions): Promise<{ question: Question; gathered: Prepared } | undefined> {
    const replaced = form.bindings.filter((reference) => this.#isReplaced(reference))
    const added = this.#wouldApply(form)
    if (replaced.length === 0 && added.length === 0 && form.broken.length === 0) return undefined
    const others = { ...form, bindings: form.bindings.filter((reference) => !replaced.includes(reference)) }
    requireRunnable(others, faults)
    const parts = { ...this.#parts, catalogue }
    const { question, gathered } = await recompose(others, parts)
    const mended = gathered.broken.filter(({ binding }) => this.#isReplaced(binding))
    const tried = await Promise.all([
      ...replaced.map((reference) => this.#replace(form, reference, question, parts)),
      ...[...added, ...mended.map(({ binding }) => binding)].map((binding) => this.#gatherAnew(form, this.#plan(binding), question)),
    ])
    if (tried.length === 0) return undefined
    const broken = gathered.broken.filter((each) => !mended.includes(each))
    const waivers = (): Promise<WaiverIndex> => this.#waivers(form)
    return { question, gathered: { ...gathered, prepared: [...gathered.prepared, ...tried], broken, waivers } }
  }

  /** What the version counts may be waived by others than those that did something then. */
  async #waivers(form: ReferenceForm): Promise<WaiverIndex> {
    const [applied, inForce] = await Promise.all([appliedWaivers(form, this.#parts), this.#parts.waivers.inForce(form.at)])
    return new WaiverIndex([...applied, ...inForce])
  }

  #isReplaced({ name, pack }: { name: string; pack: string }): boolean {
    const { pack: wanted, binding } = this.#request
    return pack === wanted && (binding === null || name === binding)
  }

  /** Bindings of now that didn't apply then, although they select such a question. */
  #wouldApply(form: ReferenceForm): Binding[] {
    const known = new Set([...form.bindings, ...form.broken].map(({ name }) => name))
    const confinement = form.asker.repositories ? { repositories: form.asker.repositories } : {}
    const { teams, bindings } = this.#request
    const ownership = { repositoriesOf: (team: string) => (Object.hasOwn(teams, team) ? teams[team] : undefined) }
    const place = placeOf({ confinement }, questionOf(form), form.sources, ownership)
    return applicableBindings(bindings, place).filter(({ name }) => !known.has(name))
  }

  async #replace(form: ReferenceForm, reference: BindingReference, question: Question, parts: RecomposeParts): Promise<PreparedBinding> {
    const { bindings, catalogue } = parts
    const recorded = await bindings.revised(reference.name, reference.revision)
    if (!recorded) throw new TrialError('parameters_invalid')
    const plan = this.#plan(recorded)
    const manifest = catalogue.version(reference.pack, reference.version)
    const before = manifest && { reference, plan: planWith(recorded, manifest) }
    if (!before || !selectsTheSame(plan, before.plan)) return this.#gatherAnew(form, plan, question, before)
    const prepared = await prepareAgain(form, reference, plan, parts)
    return { ...prepared, facts: await this.#facts(form, before, plan, question) }
  }

  /** Evidence as it was at the time, selected by rules that nobody had then. Old debt that a baseline holds isn't left out. */
  async #gatherAnew(form: ReferenceForm, plan: PlannedBinding, question: Question, before?: RecordedBinding): Promise<PreparedBinding> {
    const { asker, subject, repository } = form
    const context = { subject, askerId: asker.id, askerIssuerIds: asker.issuers, repositories: asker.repositories, repository }
    const view = await SubjectView.read(this.#parts.facts, { ...context, until: question.at }, undefined)
    const evidence = await view.evidenceFor(plan.rules, plan.requiredNames)
    return {
      ...{ plan, evidence, baseline: null, endsAt: [], restsOn: [], view: judgedSubject(form) },
      bare: null,
      facts: await this.#facts(form, before, plan, question),
    }
  }

  /** What the version asks for, as it was recorded. */
  async #facts(form: ReferenceForm, before: RecordedBinding | undefined, plan: PlannedBinding, question: Question): Promise<GatheredFacts> {
    const facts: Partial<Record<FactName, unknown>> = {}
    for (const name of FACT_NAMES) {
      if (!this.#manifest.facts.includes(name)) continue
      facts[name] = name === 'calendar' ? await this.#calendar(form, before, plan, question) : recordedFact(form, before, plan, name)
    }
    return facts
  }

  /** Where parameters define windows, or nobody asked then, it follows from the windows and freezes of now; the asker's groups are not on record. */
  async #calendar(form: ReferenceForm, before: RecordedBinding | undefined, plan: PlannedBinding, question: Question): Promise<unknown> {
    const known = before?.reference.facts.calendar
    if (known !== undefined && this.#request.parameters === null) return known
    const { rules } = await this.#parts.calendars.current()
    const all = joinedRules(rules, rulesOfParameters(plan.parameters))
    return calendarAt(question.at, form.environment, all, provenFacts([], question))
  }

  #plan(binding: Binding): PlannedBinding {
    const key = `${binding.name} ${binding.revision}`
    const known = this.#plans.get(key) ?? this.#planAnew(binding)
    this.#plans.set(key, known)
    if (known instanceof TrialError) throw known
    return known
  }

  #planAnew(binding: Binding): PlannedBinding | TrialError {
    const { parameters, mode } = this.#request
    const wanted = { ...binding, parameters: parameters ?? binding.parameters, mode: mode ?? triedAs(binding.mode) }
    try {
      return planWith({ ...wanted, pack: this.#manifest.name }, this.#manifest)
    } catch (error) {
      if (isAppError(error)) return new TrialError('parameters_invalid')
      throw error
    }
  }
}

/** A binding in shadow never turns a verdict: whoever tries it wants to know what it would do. */
function triedAs(mode: Mode): Mode {
  return mode === 'shadow' ? 'enforce' : mode
}

/** Whether two plans select the same evidence, and the same old debt: only then what was recorded for one holds for the other. */
function selectsTheSame(a: PlannedBinding, b: PlannedBinding): boolean {
  return canonicalJson(a.rules) === canonicalJson(b.rules) && a.baseline?.id === b.baseline?.id
}

/** What a binding's pack was told then holds for the version if it would have been asked for in the same way. */
function recordedFact(form: ReferenceForm, before: RecordedBinding | undefined, plan: PlannedBinding, name: FactName): unknown {
  const own = before?.reference.facts[name]
  if (own !== undefined && isAskedAlike(name, form.environment, before?.plan ?? plan, plan)) return own
  // What going back would be doesn't depend on who asks.
  const other = name === 'rollback' ? form.bindings.find(({ facts }) => facts.rollback !== undefined) : undefined
  if (!other) throw new TrialError('fact_not_recorded')
  return other.facts[name]
}

function isAskedAlike(name: FactName, environment: string, a: PlannedBinding, b: PlannedBinding): boolean {
  const asked = ({ parameters, rules: { from, minTrust } }: PlannedBinding): unknown => {
    if (name === 'prior') return requiredStages(parameters, environment)
    return name === 'approvals' ? { ...approvalRules(parameters, environment), from, minTrust } : null
  }
  return canonicalJson(asked(a)) === canonicalJson(asked(b))
}
