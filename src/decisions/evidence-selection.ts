import type { EvidenceClass } from '../core/evidence-class.ts'
import { matchesAnyRepository } from '../core/repository.ts'
import { parseInstant } from '../core/time.ts'
import { compareBadness, subjectMatch, type Evidence, type Link, type SubjectMatch } from '../evidence/index.ts'
import { TRUST_LEVELS, type Trust } from '../policy/input.ts'
import type { ObservedEvidence, SubjectFacts } from './ports.ts'

/** Whose evidence counts: the parameters that every pack takes. */
export interface SelectionRules {
  classes: readonly EvidenceClass[]
  /** Principal names or `group:NAME`; absent or empty admits every submitter that the repository rule admits. */
  from: readonly string[]
  minTrust: Trust
  allowMismatch: boolean
}

/** Who asks about what: the side of the selection that doesn't depend on the pack. */
export interface SelectionContext {
  subject: string
  askerId: string
  repository: string | null
  /** Observations received after this instant (milliseconds since the epoch) don't exist yet; for dry runs in the past. */
  until: number | undefined
}

/** An observation that a pack may get to see, for one of the classes that its report speaks for. */
export interface SelectedEvidence {
  class: EvidenceClass
  evidence: Evidence
  /** Milliseconds since the epoch: the report's own time, never later than its receipt, else its receipt. */
  time: number
  trust: Trust
  submitter: string
  link: { kind: 'source' | 'platform'; proof: Link['proof']; subject: string } | null
  match: SubjectMatch
}

export interface Selection {
  /** The newest usable one per class × tool × name × examined subject. */
  counted: SelectedEvidence[]
  /** Newer than what is counted, but incomplete or about another digest: satisfies and clears nothing. */
  unusable: SelectedEvidence[]
}

/** Chooses the evidence that counts for one pack: filters by submitter and trust first, then takes the newest. */
export function selectEvidence(facts: SubjectFacts, context: SelectionContext, rules: SelectionRules): Selection {
  const lanes = new Map<string, SelectedEvidence[]>()
  for (const observed of facts.observed) {
    if (!isVisible(observed, context, rules)) continue
    const link = linkTo(observed.evidence.subject, context.subject, facts.links)
    if (link === undefined) continue
    const common = {
      evidence: observed.evidence,
      time: effectiveTime(observed),
      trust: trustIn(observed, context.askerId),
      submitter: observed.observation.submitterName,
      link,
      match: subjectMatch(observed.evidence, facts.links),
    }
    for (const name of observed.evidence.summary.scanned) {
      if (!rules.classes.includes(name)) continue
      const key = laneOf(name, observed, context)
      const lane = lanes.get(key)
      if (lane) lane.push({ class: name, ...common })
      else lanes.set(key, [{ class: name, ...common }])
    }
  }
  return newestOfEach(lanes, rules)
}

/** `class × tool × name`, apart for each examined subject, and for each owner where the asker's repository isn't known. */
function laneOf(name: EvidenceClass, { evidence, observation }: ObservedEvidence, context: SelectionContext): string {
  const owner = context.repository === null ? (observation.repositories ?? []) : []
  return JSON.stringify([name, evidence.tool.name.toLowerCase(), evidence.name, evidence.subject, owner])
}

function newestOfEach(lanes: ReadonlyMap<string, SelectedEvidence[]>, rules: SelectionRules): Selection {
  const selection: Selection = { counted: [], unusable: [] }
  for (const key of [...lanes.keys()].sort()) {
    const lane = (lanes.get(key) ?? []).sort((a, b) => newestFirst(a, b, rules))
    const firstUsable = lane.findIndex((item) => isUsable(item, rules))
    const counted = lane[firstUsable]
    if (counted) selection.counted.push(counted)
    const newer = firstUsable === -1 ? lane : lane.slice(0, firstUsable)
    selection.unusable.push(...withoutRepeats(newer))
  }
  return selection
}

function newestFirst(a: SelectedEvidence, b: SelectedEvidence, rules: SelectionRules): number {
  if (a.time !== b.time) return b.time - a.time
  const usable = Number(isUsable(a, rules)) - Number(isUsable(b, rules))
  if (usable !== 0) return usable
  return compareBadness(a.evidence.summary, b.evidence.summary, a.class) || (a.evidence.digest < b.evidence.digest ? -1 : 1)
}

function withoutRepeats(lane: readonly SelectedEvidence[]): SelectedEvidence[] {
  const seen = new Set<string>()
  return lane.filter(({ evidence }) => !seen.has(evidence.id) && seen.add(evidence.id))
}

function isUsable(item: SelectedEvidence, rules: SelectionRules): boolean {
  return item.evidence.completeness === 'complete' && (item.match !== 'mismatch' || rules.allowMismatch)
}

function isVisible(observed: ObservedEvidence, context: SelectionContext, rules: SelectionRules): boolean {
  const { observation } = observed
  if (context.until !== undefined && Date.parse(observation.at) > context.until) return false
  if (TRUST_LEVELS.indexOf(trustIn(observed, context.askerId)) < TRUST_LEVELS.indexOf(rules.minTrust)) return false
  if (rules.from.length > 0) return isNamed(observed, rules.from)
  return (
    observation.repositories === null || context.repository === null || matchesAnyRepository(observation.repositories, context.repository)
  )
}

function isNamed({ observation }: ObservedEvidence, from: readonly string[]): boolean {
  return from.includes(observation.submitterName) || observation.submitterGroups.some((group) => from.includes(`group:${group}`))
}

function trustIn({ observation }: ObservedEvidence, askerId: string): Trust {
  return observation.submitterId === askerId ? 'asker' : 'submitter'
}

function effectiveTime({ evidence, observation }: ObservedEvidence): number {
  const receipt = Date.parse(observation.at)
  return Math.min(parseInstant(evidence.reportedAt) ?? receipt, receipt)
}

/** How the judged subject reaches the examined one: null for itself, undefined if there is no way. */
function linkTo(examined: string, judged: string, links: readonly Link[]): SelectedEvidence['link'] | undefined {
  if (examined === judged) return null
  const usable = links.filter((link) => leadsTo(link, examined, judged, links))
  const strongest = PROOFS.flatMap((proof) => usable.find((link) => link.proof === proof) ?? [])[0]
  return strongest && { kind: strongest.kind, proof: strongest.proof, subject: examined }
}

const PROOFS = ['index', 'provenance', 'declared'] as const

/** One step to a source, a platform or an index; or over the index of the judged platform (or a platform of the judged index) to its source. */
function leadsTo(link: Link, examined: string, judged: string, links: readonly Link[]): boolean {
  if (link.kind === 'platform') return (link.from === judged && link.to === examined) || (link.to === judged && link.from === examined)
  return link.to === examined && (link.from === judged || areFamily(link.from, judged, links))
}

function areFamily(a: string, b: string, links: readonly Link[]): boolean {
  return links.some((link) => link.kind === 'platform' && ((link.from === a && link.to === b) || (link.from === b && link.to === a)))
}

/** The source revisions that the judged subject is linked to, each once with its strongest proof. */
export function sourcesOf(judged: string, links: readonly Link[]): { id: string; proof: 'declared' | 'provenance' }[] {
  const proofs = new Map<string, 'declared' | 'provenance'>()
  for (const link of links) {
    if (link.kind !== 'source' || !leadsTo(link, link.to, judged, links)) continue
    if (link.proof === 'provenance' || !proofs.has(link.to)) proofs.set(link.to, link.proof === 'provenance' ? 'provenance' : 'declared')
  }
  return [...proofs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, proof]) => ({ id, proof }))
}
