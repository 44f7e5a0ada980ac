import { firstSeenKey, percentages, type Evidence, type EvidenceDocument, type Finding } from '../evidence/index.ts'
import type { CoverageTotals } from '../evidence/index.ts'
import { COVERAGE_MEASURES, type InputEvidence, type InputFinding, type InputTests } from '../policy/input.ts'
import { DOCUMENT_CLASSES } from '../core/evidence-class.ts'
import { compareSeverity } from '../core/severity.ts'
import type { BaselineContent } from './baselines/content.ts'
import { failuresOf, heldAmong, occurrencesOf } from './baselines/entries.ts'
import type { SelectedEvidence } from './evidence-selection.ts'
import type { Clearance, VexOpinions } from './vex.ts'

/** A coverage report that preceded another one. */
export interface PreviousCoverage {
  /** Of the evidence. */
  id: string
  digest: string
  coverage: CoverageTotals
}

/** What the composer needs beside the selection. */
export interface EvidenceParts {
  documents: ReadonlyMap<string, EvidenceDocument>
  /** `firstSeenKey` → milliseconds since the epoch. */
  firstSeen: ReadonlyMap<string, number>
  /** Evidence id → the coverage report that preceded it. */
  previous: ReadonlyMap<string, PreviousCoverage>
  /** Names that the pack asks for (`requiredNames`): only these are listed of a report's passed cases. */
  requiredNames: readonly string[]
  opinions: VexOpinions
  /** The old debt that doesn't count. */
  held: (item: SelectedEvidence) => BaselineContent | undefined
}

/** What packs see, and what stands behind it: index i everywhere is index i of `selected`. */
export interface ComposedEvidence {
  input: InputEvidence[]
  /** The findings that packs see, in the order in which they see them. */
  findings: Finding[][]
  /** Those that they don't see, since a trusted author says that they don't count. */
  cleared: { found: Finding; evidence: Evidence; by: Clearance }[]
  /** How many findings, failing tests or measures of each piece are old debt. */
  excused: number[]
}

/** Turns the selected evidence into what packs see. */
export function composeEvidence(selected: readonly SelectedEvidence[], parts: EvidenceParts): ComposedEvidence {
  const composed: ComposedEvidence = { input: [], findings: [], cleared: [], excused: [] }
  for (const item of selected) {
    const held = parts.held(item)
    const { findings, excused } = sift(item, held, parts, composed.cleared)
    const input = composeOne(item, findings, held, parts)
    composed.input.push(input)
    composed.findings.push(findings)
    composed.excused.push(excused + (input.tests?.excused ?? 0) + measuresAtFloor(input))
  }
  markRepeats(composed.input)
  return composed
}

/** Where findings stand: index of the piece of evidence, index in its findings. */
type FindingPosition = readonly [at: number, index: number]

/** The findings of other reports that are the same as any of these, so that they didn't count beside them. */
export function duplicatesOf({ input }: Pick<ComposedEvidence, 'input'>, of: readonly FindingPosition[]): FindingPosition[] {
  const known = new Set(of.flatMap(([at, index]) => identitiesAt(input, at, index)))
  return input.flatMap(({ findings }, at) =>
    findings.flatMap((found, index): FindingPosition[] =>
      found.repeated && identities(found).some((identity) => known.has(identity)) ? [[at, index]] : [],
    ),
  )
}

function identitiesAt(input: readonly InputEvidence[], at: number, index: number): string[] {
  const found = input[at]?.findings[index]
  return found ? identities(found) : []
}

/**
 * The same without some findings. What the others had taken over from them, they don't have any more; only how long something has been known stays.
 * @param taken positions of the findings of each piece of evidence
 */
export function composeWithout(composed: ComposedEvidence, taken: readonly ReadonlySet<number>[]): ComposedEvidence {
  const isLeft = (at: number, index: number): boolean => taken[at]?.has(index) !== true
  const findings = composed.findings.map((all, at) => all.filter((_, index) => isLeft(at, index)))
  const input = composed.input.map((piece, at) => {
    const left = piece.findings.filter((_, index) => isLeft(at, index))
    return { ...piece, findings: left.map((found, index) => ({ ...found, ...ownWords(findings[at]?.[index]), repeated: false })) }
  })
  markRepeats(input)
  return { ...composed, input, findings }
}

/** What its own report says of a finding, of all that repeats change. */
function ownWords(found: Finding | undefined): Partial<Pick<InputFinding, 'severity' | 'fixed_version' | 'suppressed'>> {
  return found ? { severity: found.severity, fixed_version: found.fixedVersion, suppressed: found.suppressed } : {}
}

/** The findings that count, and how many are old debt. */
function sift(
  item: SelectedEvidence,
  held: BaselineContent | undefined,
  { documents, opinions }: EvidenceParts,
  cleared: ComposedEvidence['cleared'],
): { findings: Finding[]; excused: number } {
  const { evidence } = item
  const all = findingsOf(item, documents.get(evidence.id))
  const old = held?.kind === 'entries' ? heldAmong(held.entries, occurrencesOf(all)) : []
  const findings: Finding[] = []
  let excused = 0
  for (const [at, found] of all.entries()) {
    const by = found.class === 'vulnerabilities' ? opinions.clearanceOf(found, evidence.subject) : undefined
    if (by) cleared.push({ found, evidence, by })
    else if (old[at] === true) excused++
    else findings.push(found)
  }
  return { findings, excused }
}

function measuresAtFloor({ coverage, floor }: InputEvidence): number {
  return COVERAGE_MEASURES.filter((measure) => {
    const [measured, held] = [coverage?.[measure] ?? null, floor?.[measure] ?? null]
    return measured !== null && held !== null && measured >= held
  }).length
}

function composeOne(
  item: SelectedEvidence,
  findings: readonly Finding[],
  held: BaselineContent | undefined,
  parts: EvidenceParts,
): InputEvidence {
  const { evidence } = item
  const document = parts.documents.get(evidence.id)
  const previous = item.class === 'coverage' ? parts.previous.get(evidence.id) : undefined
  return {
    digest: evidence.digest,
    class: item.class,
    format: evidence.format,
    tool: evidence.tool.name,
    name: evidence.name,
    completeness: evidence.completeness,
    time: Math.floor(item.time / 1000),
    database_time: evidence.databaseAt === null ? null : Math.floor(Date.parse(evidence.databaseAt) / 1000),
    trust: item.trust,
    submitter: item.submitter,
    link: item.link,
    covers: item.covers,
    findings: findings.map((found) => composeFinding(found, item, parts.firstSeen)),
    coverage: item.class === 'coverage' && document?.coverage ? percentages(document.coverage) : null,
    units: item.class === 'coverage' ? (document?.coverage ?? null) : null,
    tests: item.class === 'tests' && document?.tests ? testsOf(document.tests, held, parts.requiredNames) : null,
    measures: item.class === 'quality' || item.class === 'performance' ? (document?.measures ?? null) : null,
    document: DOCUMENT_CLASSES.has(item.class) ? (document?.document ?? null) : null,
    previous: previous ? { digest: previous.digest, coverage: percentages(previous.coverage) } : null,
    floor: held?.kind === 'floors' ? held.floors : null,
  }
}

/** The findings of the class that the evidence was selected for, in the report's order. */
function findingsOf(item: SelectedEvidence, document: EvidenceDocument | undefined): Finding[] {
  return document?.findings.filter((found) => found.class === item.class) ?? []
}

function composeFinding(found: Finding, item: SelectedEvidence, firstSeen: ReadonlyMap<string, number>): InputFinding {
  return {
    id: found.id,
    aliases: found.aliases,
    class: found.class,
    severity: found.severity,
    score: found.score,
    purl: found.purl,
    package: found.package,
    version: found.version,
    fixed_version: found.fixedVersion,
    fix_state: found.fixState,
    suppressed: found.suppressed,
    first_seen: Math.floor((firstSeen.get(firstSeenKey(found)) ?? item.time) / 1000),
    repeated: false,
  }
}

function testsOf(
  tests: NonNullable<EvidenceDocument['tests']>,
  held: BaselineContent | undefined,
  requiredNames: readonly string[],
): InputTests {
  const passed = requiredNames.length === 0 ? undefined : new Set(tests.passedNames)
  const old = held?.kind === 'entries' ? heldAmong(held.entries, failuresOf(tests)) : []
  const excused = tests.failing.filter((_, at) => old[at] === true)
  const errored = excused.filter(({ outcome }) => outcome === 'errored').length
  return {
    total: tests.total,
    passed: tests.passed,
    failed: tests.failed - (excused.length - errored),
    errored: tests.errored - errored,
    skipped: tests.skipped,
    flaky: tests.flaky.length,
    excused: excused.length,
    passed_names: passed ? requiredNames.filter((name) => passed.has(name)) : [],
  }
}

/**
 * Two reports may name the same vulnerability in the same package, under different ids. It counts once: the first one takes the
 * worst severity, any known fix and the longest history of all, and is suppressed only if every tool suppressed it.
 */
function markRepeats(composed: readonly InputEvidence[]): void {
  if (composed.length < 2) return
  const firstByKey = new Map<string, { finding: InputFinding; evidence: number }>()
  composed.forEach((evidence, at) => {
    const taken = new Set<InputFinding>()
    for (const found of evidence.findings) {
      if (found.class !== 'vulnerabilities') continue
      const keys = identities(found)
      // Two findings of one report are two, even where a third, an advisory about both, has the ids of each.
      const earlier = keys
        .map((key) => firstByKey.get(key))
        .find((hit) => hit !== undefined && hit.evidence !== at && !taken.has(hit.finding))
      if (earlier) {
        mergeInto(earlier.finding, found)
        found.repeated = true
        taken.add(earlier.finding)
      }
      for (const key of keys) if (!firstByKey.has(key)) firstByKey.set(key, earlier ?? { finding: found, evidence: at })
    }
  })
}

function identities(found: InputFinding): string[] {
  const affected = found.purl?.replace(/[?#].*$/s, '') ?? `${found.package ?? ''}@${found.version ?? ''}`
  return [found.id, ...found.aliases].map((id) => `${id} ${affected}`)
}

function mergeInto(first: InputFinding, repeat: InputFinding): void {
  const firstCounts = !first.suppressed
  if (firstCounts === repeat.suppressed) {
    if (firstCounts) return
    first.suppressed = false
    first.severity = repeat.severity
  } else if (compareSeverity(repeat.severity, first.severity) < 0) first.severity = repeat.severity
  first.fixed_version ??= repeat.fixed_version
  first.first_seen = Math.min(first.first_seen, repeat.first_seen)
}
