import type { EvidenceClass } from '../core/evidence-class.ts'
import { onlyRepository, repositoriesMayMeet } from '../core/repository.ts'
import { parseInstant } from '../core/time.ts'
import { compareBadness, ownerKey, subjectMatch, toolKey, type Evidence, type Link, type SubjectMatch } from '../evidence/index.ts'
import { TRUST_LEVELS, type Trust } from '../policy/input.ts'
import { platformsSpokenFor, type PlatformFamily } from './platforms.ts'
import { isTrusted, linkTo } from './subject-links.ts'
import { belongsToAsker, names } from './whose-word.ts'
import type { ObservedEvidence, SubjectFacts } from './ports.ts'

/** Whose evidence counts: the parameters that every pack takes. */
export interface SelectionRules {
  classes: readonly EvidenceClass[]
  /** Principal names or `group:NAME`; absent or empty admits every submitter that the repository rule admits. */
  from: readonly string[]
  minTrust: Trust
  allowMismatch: boolean
  /** The least that must stand behind a link to a source for what is reached over it to satisfy anything. */
  linkProof: 'declared' | 'provenance'
  /** Whose VEX statements about packages count (as in `from`), not only those about this subject. */
  vexPackagesFrom: readonly string[]
}

/** Who asks about what: the side of the selection that doesn't depend on the pack. */
export interface SelectionContext {
  subject: string
  askerId: string
  /** Who issued the asker's token. */
  askerIssuerIds: readonly string[]
  /** Globs of the repositories that the asker is confined to: all that is proven about the subject's; null if it is unconfined. */
  repositories: readonly string[] | null
  /** The repository that the question is about, proven or declared: what is known to be another's satisfies nothing. Null if nobody said. */
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
  /** Receipt, milliseconds since the epoch. */
  received: number
  trust: Trust
  submitter: string
  link: { kind: 'source' | 'platform'; proof: Link['proof']; subject: string } | null
  match: SubjectMatch
  /** The repository that it was submitted for, if known. */
  repository: string | null
  /** Whether that is proven, by the confinement or the claims of its submitter. */
  repositoryProven: boolean
  /** Whose it is (`ownerKey`): the repository, else the globs that its submitter is confined to. */
  owner: string
  /** The platforms of the judged subject (or itself) that it can satisfy a pack for; where empty, it only counts against. */
  covers: readonly string[]
}

/** A VEX document whose author a pack trusts. */
export interface SelectedVex extends Pick<SelectedEvidence, 'evidence' | 'trust' | 'link'> {
  /** Name of the principal whose word it is: never what the document says of itself. */
  author: string
  /** Whether the author's word about packages counts, wherever they are used. */
  trustedForPackages: boolean
  /** Receipt, milliseconds since the epoch. */
  received: number
}

export interface Selection {
  /** The newest usable one per class × tool × name × examined subject and platforms, and older ones about parts that no newer one examined. */
  counted: SelectedEvidence[]
  /** Newer than what is counted, but incomplete or about another digest: satisfies and clears nothing. */
  unusable: SelectedEvidence[]
}

/** Chooses the evidence that counts for one pack: filters by submitter and trust first, then takes the newest. */
export function selectEvidence(
  facts: SubjectFacts & { family: PlatformFamily },
  context: SelectionContext,
  rules: SelectionRules,
): Selection {
  const lanes = new Map<string, OwnedEvidence[]>()
  for (const observed of facts.observed) {
    if (!isVisible(observed, context, rules)) continue
    const link = linkTo(observed.evidence.subject, context.subject, facts.links, rules)
    if (link === undefined) continue
    const common = {
      evidence: observed.evidence,
      time: effectiveTime(observed),
      received: Date.parse(observed.observation.at),
      trust: trustIn(observed, context),
      submitter: observed.observation.submitterName,
      link: link && { kind: link.kind, proof: link.proof, subject: observed.evidence.subject },
      match: subjectMatch(observed.evidence, facts.links),
      repository: observed.observation.repository,
      repositoryProven: observed.observation.verified.includes('repository'),
      owner: ownerKey(observed.observation),
    }
    for (const name of examinedClasses(observed.evidence)) {
      if (!rules.classes.includes(name)) continue
      const spokenFor = platformsSpokenFor(observed.evidence, name, facts.family)
      if (spokenFor === undefined) continue
      const item = { class: name, ...common, covers: isTrusted(link, rules) && speaksFor(observed, context, rules) ? spokenFor : [] }
      const owned = { item, owner: observed.observation.repositories }
      const key = laneOf(name, observed, spokenFor)
      const lane = lanes.get(key)
      if (lane) lane.push(owned)
      else lanes.set(key, [owned])
    }
  }
  const ordered = [...lanes.keys()].sort().flatMap((key) => byOwner(lanes.get(key) ?? [], context))
  return newestOfEach(ordered, rules)
}

/** `class × tool × name`, apart for each examined subject and its platforms. */
function laneOf(name: EvidenceClass, { evidence }: ObservedEvidence, platforms: readonly string[]): string {
  return JSON.stringify([name, toolKey(evidence), evidence.name, evidence.subject, platforms])
}

/**
 * A lane, apart for each owner where the asker's repository isn't proven, so that nobody's report clears another's. What an unconfined
 * submitter said counts everywhere: it stands in the lane of each.
 */
function byOwner(lane: readonly OwnedEvidence[], context: SelectionContext): SelectedEvidence[][] {
  const proven = onlyRepository(context.repositories ?? undefined)
  if (proven !== undefined) return [lane.map(({ item }) => item)]
  const owners = new Map<string, SelectedEvidence[]>()
  for (const { owner } of lane) if (owner !== null) owners.set(JSON.stringify(owner), [])
  if (owners.size === 0) return [lane.map(({ item }) => item)]
  for (const { item, owner } of lane) {
    const lanes = owner === null ? owners.values() : [owners.get(JSON.stringify(owner)) ?? []]
    for (const own of lanes) own.push(item)
  }
  return [...owners.values()]
}

interface OwnedEvidence {
  item: SelectedEvidence
  /** As in an observation: null counts everywhere. */
  owner: readonly string[] | null
}

/** The VEX documents of authors whom the pack's `from` names: where it names nobody, nobody's word clears anything. */
export function selectVex(facts: SubjectFacts, context: SelectionContext, rules: SelectionRules): SelectedVex[] {
  if (rules.from.length === 0 || !rules.classes.includes('vulnerabilities')) return []
  return facts.observed.flatMap((observed) => {
    const { evidence, observation } = observed
    if (!evidence.summary.scanned.includes('vex') || !isVisible(observed, context, rules)) return []
    const link = linkTo(evidence.subject, context.subject, facts.links, rules)
    if (link === undefined || !isTrusted(link, rules)) return []
    return [
      {
        evidence,
        trust: trustIn(observed, context),
        link: link && { kind: link.kind, proof: link.proof, subject: evidence.subject },
        author: observation.submitterName,
        received: Date.parse(observation.at),
        trustedForPackages: names(rules.vexPackagesFrom, observation.submitterName, observation.submitterGroups),
      },
    ]
  })
}

/** What claims nothing is still reachable, under its kind. */
function examinedClasses({ summary, kind }: Evidence): readonly EvidenceClass[] {
  return summary.scanned.length > 0 ? summary.scanned : [kind]
}

function newestOfEach(lanes: readonly SelectedEvidence[][], rules: SelectionRules): Selection {
  const selection: Selection = { counted: [], unusable: [] }
  for (const items of lanes) {
    const lane = items.toSorted((a, b) => newestFirst(a, b, rules))
    selection.counted.push(...withPartsNotExaminedAgain(lane.filter((item) => isUsable(item, rules))))
    selection.unusable.push(...notRepairedSince(lane, rules))
  }
  return { counted: withoutRepeats(selection.counted), unusable: withoutRepeats(selection.unusable) }
}

/**
 * The newest, and those before it that are about a part which nothing newer examined: files of two test suites, posted without
 * names, don't clear each other. A report that doesn't say what it examined speaks for all.
 * @param lane newest first
 */
function withPartsNotExaminedAgain(lane: readonly SelectedEvidence[]): SelectedEvidence[] {
  const examined = new Set<string>()
  const counted: SelectedEvidence[] = []
  for (const item of lane) {
    const parts = item.evidence.examined
    if (parts.length > 0 && parts.every((part) => examined.has(part))) continue
    counted.push(item)
    if (parts.length === 0) break
    for (const part of parts) examined.add(part)
  }
  return counted
}

function newestFirst(a: SelectedEvidence, b: SelectedEvidence, rules: SelectionRules): number {
  if (a.time !== b.time) return b.time - a.time
  const usable = Number(isUsable(a, rules)) - Number(isUsable(b, rules))
  if (usable !== 0) return usable
  return compareBadness(a.evidence.summary, b.evidence.summary, a.class) || (a.evidence.digest < b.evidence.digest ? -1 : 1)
}

/**
 * The unusable ones that no newer usable one makes up for: of the same parts, or, where they name none, any.
 * @param lane newest first
 */
function notRepairedSince(lane: readonly SelectedEvidence[], rules: SelectionRules): SelectedEvidence[] {
  const examined = new Set<string>()
  let [usable, whole] = [false, false]
  return lane.filter((item) => {
    const parts = item.evidence.examined
    if (!isUsable(item, rules)) return !whole && (parts.length === 0 ? !usable : !parts.every((part) => examined.has(part)))
    usable = true
    whole ||= parts.length === 0
    for (const part of parts) examined.add(part)
    return false
  })
}

/** Each evidence once for a class, although it may have been observed for several owners. */
function withoutRepeats(items: readonly SelectedEvidence[]): SelectedEvidence[] {
  const seen = new Set<string>()
  return items.filter((item) => {
    const key = JSON.stringify([item.class, item.evidence.id, item.covers])
    return !seen.has(key) && seen.add(key)
  })
}

function isUsable(item: SelectedEvidence, rules: SelectionRules): boolean {
  return item.evidence.completeness === 'complete' && (item.match !== 'mismatch' || rules.allowMismatch)
}

function isVisible(observed: ObservedEvidence, context: SelectionContext, rules: SelectionRules): boolean {
  const { observation } = observed
  if (context.until !== undefined && Date.parse(observation.at) > context.until) return false
  if (TRUST_LEVELS.indexOf(trustIn(observed, context)) < TRUST_LEVELS.indexOf(rules.minTrust)) return false
  if (rules.from.length > 0) return isNamed(observed, rules.from)
  return belongsToAsker(observation.repositories, context)
}

/**
 * Where the repository is only declared, others' reports count as well: what they found is not hidden by naming another one. But that a
 * job of another repository examined this digest as well is no proof for the one that is asked about.
 */
function speaksFor({ observation }: ObservedEvidence, { repository }: SelectionContext, rules: SelectionRules): boolean {
  if (rules.from.length > 0 || repository === null || observation.repositories === null) return true
  return repositoriesMayMeet(observation.repositories, [repository])
}

function isNamed({ observation }: ObservedEvidence, from: readonly string[]): boolean {
  return names(from, observation.submitterName, observation.submitterGroups)
}

/** Whether the asker could have sent it. */
export function trustIn(
  { observation: { submitterId, issuerIds } }: ObservedEvidence,
  { askerId, askerIssuerIds }: SelectionContext,
): Trust {
  return submitterId === askerId || issuerIds.includes(askerId) || askerIssuerIds.includes(submitterId) ? 'asker' : 'submitter'
}

function effectiveTime({ evidence, observation }: ObservedEvidence): number {
  const receipt = Date.parse(observation.at)
  return Math.min(parseInstant(evidence.reportedAt) ?? receipt, receipt)
}
