import { canonicalJson } from '../core/canonical-json.ts'
import type { Clock } from '../core/clock.ts'
import { sha256Digest } from '../core/digest.ts'
import { newId } from '../core/id.ts'
import type { IdempotencyClaim } from '../core/idempotency.ts'
import type { Page, PageRequest } from '../core/page.ts'
import type { Access } from '../core/principal.ts'
import { matchesAnyRepository } from '../core/repository.ts'
import { parseSubject } from '../core/subject.ts'
import type { Telemetry } from '../core/telemetry.ts'
import { formatInstant } from '../core/time.ts'
import { applyModes } from '../governance/apply.ts'
import type { OwnershipCache } from '../ownership/ownership-cache.ts'
import type { PackCatalogue } from '../policy/catalogue.ts'
import type { PolicyEvaluator } from '../policy/evaluator.ts'
import type { Binding } from '../policy/model.ts'
import type { BindingStore } from '../policy/ports.ts'
import { applicableBindings } from './applicable-bindings.ts'
import type { AnsweredDecision, Decision, DecisionRequest } from './decision.ts'
import { authorsOf } from './authors.ts'
import { decisionEntry } from './decision-entry.ts'
import { BindingPlans, type BrokenBinding } from './binding-plans.ts'
import { Baselines } from './baselines/baselines.ts'
import type { BaselineMove, BaselineStore } from './baselines/ports.ts'
import { baselineUse } from './baselines/uses.ts'
import { judgeAll } from './judge-all.ts'
import type { DecisionFilter, DecisionStore, FactsReader } from './ports.ts'
import { readQuestion, type Question } from './question.ts'
import type { LinkedSource } from './subject-links.ts'
import { referenceForm } from './reference-form.ts'
import { gateViolation } from './violations.ts'
import { waivedFindings } from './waived.ts'
import { ViewCache } from './view-cache.ts'
import { composeInputs, prepare, type PreparedBinding } from './prepare.ts'

export interface GateParts {
  facts: FactsReader
  decisions: DecisionStore
  bindings: BindingStore
  baselines: BaselineStore
  ownership: Pick<OwnershipCache, 'current'>
  catalogue: PackCatalogue
  evaluator: PolicyEvaluator
  clock: Clock
  telemetry: Telemetry
}

/** What of the transport a decision keeps. */
export interface AskMeta {
  requestId: string
  idempotency: IdempotencyClaim | undefined
}

/** Answers whether a subject may pass a stage, and records the answer before it is spoken. */
export class Gate {
  readonly #parts: GateParts
  readonly #views: ViewCache
  readonly #plans: BindingPlans
  readonly #baselines: Baselines

  constructor(parts: GateParts) {
    this.#parts = parts
    this.#views = new ViewCache(parts.facts)
    this.#plans = new BindingPlans(parts.bindings, parts.catalogue)
    this.#baselines = new Baselines({ store: parts.baselines, facts: parts.facts, decisions: parts.decisions })
  }

  /**
   * Judges and records. Whatever goes wrong in a policy is a recorded denial.
   * @returns after the commit; `repeated` if an earlier request with the same idempotency key was answered again
   * @throws {AppError} if the request can't be judged (malformed, outside the confinement) or the verdict can't be recorded
   */
  async decide(access: Access, request: DecisionRequest, meta: AskMeta): Promise<{ decision: AnsweredDecision; repeated: boolean }> {
    const question = readQuestion(access, request, this.#parts.clock.now())
    const { decision, reference, moves } = await this.#judge(access, question)
    this.#parts.telemetry.decided(decision.verdict, decision.stage, decision.dryRun, decision.project)
    if (question.dryRun) {
      const { id: _unused, ...unrecorded } = decision
      return { decision: { ...unrecorded, dryRun: true }, repeated: false }
    }
    const recorded = await this.#parts.decisions.record({
      decision,
      input: reference,
      entry: decisionEntry(decision, access, meta.requestId),
      idempotency: meta.idempotency,
      link: question.declaredLink,
      moves,
    })
    if (!recorded.repeated) this.#baselines.noteStored(moves)
    return { decision: { ...recorded.decision, logIndex: recorded.logIndex }, repeated: recorded.repeated }
  }

  /** A recorded decision, if the asker may see it. */
  find(access: Access, id: string): Promise<(Decision & { logIndex: number }) | undefined> {
    return this.#parts.decisions.find(id, access.confinement)
  }

  /** Recorded decisions that the asker may see, newest first. */
  list(access: Access, filter: Omit<DecisionFilter, 'visibleTo'>, page: PageRequest): Promise<Page<Decision & { logIndex: number }>> {
    return this.#parts.decisions.list({ ...filter, visibleTo: access.confinement }, page)
  }

  /** The inputs that the packs of a question would get, by binding name; for tests, benchmarks and policy authors. */
  async composeInput(access: Access, request: DecisionRequest): Promise<Record<string, unknown>> {
    const question = readQuestion(access, request, this.#parts.clock.now())
    const { prepared } = await this.#prepare(access, question)
    const inputs = composeInputs(question, prepared)
    return Object.fromEntries(prepared.map(({ plan }, at) => [plan.binding.name, JSON.parse(inputs[at] ?? 'null')]))
  }

  async #judge(access: Access, question: Question): Promise<{ decision: Decision; reference: string; moves: BaselineMove[] }> {
    const [{ prepared, broken }, ownership] = await Promise.all([this.#prepare(access, question), this.#parts.ownership.current()])
    const judgedBindings = await judgeAll(question, prepared, this.#parts)
    const judged = judgedBindings.map(({ prepared: { plan }, items, endsAt }) => {
      return { mode: plan.binding.mode, validForMs: plan.validForMs, endsAt, items }
    })
    for (const { binding, broken: reason } of broken) {
      judged.push({ mode: binding.mode, validForMs: 0, endsAt: [], items: [gateViolation('policy_error', binding, reason)] })
    }
    if (judged.length === 0) judged.push({ mode: 'enforce', validForMs: 0, endsAt: [], items: [gateViolation('no_binding', null, null)] })
    const applied = applyModes(judged, question.at)
    const contributors = prepared[0]?.view.contributors
    const reference = canonicalJson(referenceForm(access, question, prepared))
    const decision: Decision = {
      id: newId(),
      verdict: applied.verdict,
      enforced: [...prepared.map(({ plan }) => plan), ...broken].some(({ binding }) => binding.mode === 'enforce'),
      dryRun: question.dryRun,
      subject: question.subject.id,
      subjectName: question.subject.kind === 'artifact' ? (question.subject.name ?? null) : null,
      stage: question.stage,
      environment: question.environment,
      repository: question.repository,
      ...ownership.ownerOf(question.repository ?? onlySource(access, prepared[0]?.view.sources ?? [])),
      at: formatInstant(question.at),
      expiresAt: formatInstant(applied.expiresAt),
      violations: applied.violations,
      warnings: applied.warnings,
      shadow: applied.shadow,
      waived: waivedFindings(prepared),
      baselines: judgedBindings.flatMap(({ prepared: item, needsBaseline }) => baselineUse(item, needsBaseline) ?? []),
      pending: false,
      ...evidenceSeen(prepared),
      sources: prepared[0]?.view.sources ?? [],
      authors: contributors ? await authorsOf(await contributors, this.#parts.facts) : [],
      policies: prepared.map(({ plan }) => ({
        pack: plan.binding.pack,
        version: plan.manifest.digest,
        binding: plan.binding.name,
        mode: plan.binding.mode,
      })),
      inputDigest: sha256Digest(reference),
      askedBy: access.principal.name,
      context: question.context,
      verified: question.verified,
      declared: question.declared,
      contradicted: question.contradicted,
      identity: question.identity,
    }
    const allowed = applied.verdict === 'allow' && applied.enforced
    return { decision, reference, moves: prepared.flatMap((item) => this.#baselines.moves(item, allowed)) }
  }

  async #prepare(access: Access, question: Question): Promise<{ prepared: PreparedBinding[]; broken: BrokenBinding[] }> {
    const plans = await this.#plans.current()
    const applicable = new Set<Binding>(
      applicableBindings(
        plans.map((plan) => plan.binding),
        { stage: question.stage, environment: question.environment, confinement: access.confinement },
      ),
    )
    const view = await this.#views.view(
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
    const chosen = plans.filter((plan) => applicable.has(plan.binding))
    const sound = chosen.filter((plan) => 'manifest' in plan)
    return {
      prepared: await Promise.all(
        sound.map((plan) => prepare(plan, question, view, { facts: this.#parts.facts, baselines: this.#baselines })),
      ),
      broken: chosen.filter((plan) => 'broken' in plan),
    }
  }
}

/** Everything that any pack saw, each piece once, in stable order. */
function evidenceSeen(prepared: readonly PreparedBinding[]): Pick<Decision, 'evidence' | 'evidenceReferences'> {
  const references = new Map<string, Decision['evidenceReferences'][number]>()
  for (const { evidence } of prepared) {
    for (const item of [...evidence.selection.counted, ...evidence.selection.unusable, ...evidence.vex]) {
      const { digest, id, kind, format, name } = item.evidence
      if (!references.has(id)) references.set(id, { digest, id, kind, format, name, trust: item.trust, link: item.link })
    }
  }
  const ordered = [...references.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
  return { evidence: [...new Set(ordered.map(({ digest }) => digest))].sort(), evidenceReferences: ordered }
}

/** The repository of the sources that a subject came from, if it is one, and the asker may know of it: it tells at least who to turn to. */
function onlySource({ confinement: { repositories } }: Access, sources: readonly LinkedSource[]): string | null {
  const names = new Set(
    sources.map(({ id }) => parseSubject(id)).flatMap((source) => (source.kind === 'source' ? [source.repository] : [])),
  )
  const [only, ...others] = names
  if (only === undefined || others.length > 0) return null
  return repositories && !matchesAnyRepository(repositories, only) ? null : only
}
