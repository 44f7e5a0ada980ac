import type { WaiverIndex, WaiverPlace } from '../../governance/waivers/waiver-index.ts'
import type { Waiver } from '../../governance/waivers/waiver.ts'
import type { Evidence, Finding } from '../../evidence/index.ts'
import { duplicatesOf } from '../compose-evidence.ts'
import type { SelectedEvidence } from '../evidence-selection.ts'
import type { PreparedBinding } from '../prepare.ts'
import type { Question } from '../question.ts'
import { withoutFindings } from '../subject-view.ts'
import { worstFirst, type JudgedViolation, type Judgement } from '../violations.ts'
import { placeOfFinding, placeOfQuestion } from './place.ts'

/** What one waiver did under one binding. */
export interface AppliedWaiver {
  waiver: Waiver
  /** What it took out; nothing where it let a violation pass that rests on no finding. */
  findings: { found: Finding; report: Evidence }[]
}

/** What one binding's pack says after waivers. */
export interface WaivedJudgement extends Judgement {
  waivers: AppliedWaiver[]
}

/** What a binding's pack said, and of what. */
export interface JudgedOnce {
  prepared: PreparedBinding
  judgement: Judgement
}

export interface WaivingParts {
  question: Question
  /** Asked only where something speaks against passing. */
  inForce: () => Promise<WaiverIndex>
  /** Runs packs again, on other evidence. */
  judgeAgain: (prepared: readonly PreparedBinding[]) => Promise<Judgement[]>
}

/** More scanners than this that tell the same finding under ids of their own are not followed: what is left then denies. */
const MAX_ROUNDS = 8

/**
 * Takes out what waivers cover and runs the packs again, until nothing more is covered. Each rule is judged by itself, on the input as its own waivers
 * leave it: what is waived of one rule still counts for every other.
 */
export async function applyWaivers(judged: readonly JudgedOnce[], parts: WaivingParts): Promise<WaivedJudgement[]> {
  if (!judged.some(({ judgement }) => judgement.items.some(isViolation))) return judged.map(({ judgement }) => withCases(judgement, []))
  const index = await parts.inForce()
  const cases = judged.map(({ prepared, judgement }) => casesOf(prepared, judgement, index, parts.question))
  await settle(cases.flat(), parts)
  return judged.map(({ judgement }, at) => withCases(judgement, cases[at] ?? []))
}

function isViolation({ effect }: JudgedViolation): boolean {
  return effect === 'violation'
}

/** The rules that a binding's pack finds broken and that some waiver names. */
function casesOf(prepared: PreparedBinding, { items }: Judgement, index: WaiverIndex, question: Question): WaiverCase[] {
  const rules = new Set(items.filter(isViolation).map(({ violation }) => violation.rule))
  return [...rules].filter((rule) => index.names(rule)).map((rule) => new WaiverCase(rule, prepared, items, index, question))
}

async function settle(cases: readonly WaiverCase[], { judgeAgain }: WaivingParts): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const changed = cases.filter((one) => one.takeOut())
    if (changed.length === 0) return
    const judgements = await judgeAgain(changed.map(({ prepared }) => prepared))
    for (const [at, one] of changed.entries()) one.learn(judgements[at] ?? NOTHING)
  }
}

const NOTHING: Judgement = { items: [], endsAt: [] }

/** The judgement with what each case says of its rule in the place of what was said of it first. */
function withCases({ items, endsAt }: Judgement, cases: readonly WaiverCase[]): WaivedJudgement {
  if (cases.length === 0) return { items, endsAt, waivers: [] }
  const byRule = new Map(cases.map((one) => [one.rule, one]))
  const settled = cases.map((one) => one.settled())
  return {
    items: [...items.filter(({ violation }) => !byRule.has(violation.rule)), ...settled.flatMap((one) => one.items)].sort(worstFirst),
    endsAt: [...endsAt, ...settled.flatMap((one) => one.endsAt)],
    waivers: settled.flatMap(({ waivers }) => waivers),
  }
}

/** One rule that one binding's pack finds broken, on the way through its waivers. */
class WaiverCase {
  readonly rule: string
  prepared: PreparedBinding
  readonly #index: WaiverIndex
  readonly #question: Question
  readonly #place: WaiverPlace
  readonly #places = new Map<SelectedEvidence, WaiverPlace>()
  readonly #applied = new Map<string, AppliedWaiver>()
  #items: readonly JudgedViolation[]
  #endsAt: readonly number[] = []

  constructor(rule: string, prepared: PreparedBinding, items: readonly JudgedViolation[], index: WaiverIndex, question: Question) {
    this.rule = rule
    this.prepared = prepared
    this.#index = index
    this.#question = question
    this.#place = placeOfQuestion(question)
    this.#items = this.#ofRule(items)
  }

  /** Takes the findings out that are waived of those that the rule counts. @returns false if there are none */
  takeOut(): boolean {
    const { composed, selection } = this.prepared.evidence
    const taken = composed.findings.map(() => new Set<number>())
    const take = ([at, index]: readonly [number, number]): boolean => {
      const [found, item] = [composed.findings[at]?.[index], selection.counted[at]]
      if (!found || !item || taken[at]?.has(index) === true) return false
      const waiver = this.#index.forFinding(this.rule, found, this.#placeOf(item))
      if (!waiver) return false
      taken[at]?.add(index)
      this.#appliedOf(waiver).findings.push({ found, report: item.evidence })
      return true
    }
    const counted = this.#items.filter(isViolation).flatMap(({ counts }) => counts)
    const waived = counted.filter(take)
    if (waived.length === 0) return false
    // The same finding told by another report would count in its place.
    for (const duplicate of duplicatesOf(composed, waived)) take(duplicate)
    this.prepared = { ...this.prepared, evidence: withoutFindings(this.prepared.evidence, taken) }
    return true
  }

  /** @param judgement of the pack on what was left. One that can't be evaluated on it denies. */
  learn({ items, endsAt }: Judgement): void {
    this.#items = this.#ofRule(items)
    this.#endsAt = endsAt
  }

  /** What is left to say of the rule: what rests on no finding passes only by a waiver for the whole rule. */
  settled(): { items: JudgedViolation[]; endsAt: readonly number[]; waivers: AppliedWaiver[] } {
    const items = this.#items.filter((item) => {
      if (!isViolation(item) || item.violation.rule !== this.rule || item.counts.length > 0) return true
      const waiver = this.#index.forViolation(this.rule, this.#place)
      if (waiver) this.#appliedOf(waiver)
      return !waiver
    })
    return { items, endsAt: this.#endsAt, waivers: [...this.#applied.values()] }
  }

  #placeOf(item: SelectedEvidence): WaiverPlace {
    const place = this.#places.get(item) ?? placeOfFinding(this.#place, this.#question, item)
    this.#places.set(item, place)
    return place
  }

  #ofRule(items: readonly JudgedViolation[]): JudgedViolation[] {
    return items.filter(({ violation: { rule, pack } }) => rule === this.rule || pack === 'gate')
  }

  #appliedOf(waiver: Waiver): AppliedWaiver {
    const known = this.#applied.get(waiver.id) ?? { waiver, findings: [] }
    this.#applied.set(waiver.id, known)
    return known
  }
}
