import { sha256Digest, type Digest } from '../../core/digest.ts'
import type { EvidenceClass } from '../../core/evidence-class.ts'
import { percentages, type EvidenceDocument } from '../../evidence/index.ts'
import { COVERAGE_MEASURES, type CoverageMeasure, type InputCoverage } from '../../policy/input.ts'
import { entriesOf, failuresOf, occurrencesOf, sharedEntries, unitedEntries, type HeldEntry } from './entries.ts'

/** Old debt of one kind of report: what was found or failed, or at how much coverage is held. */
export type BaselineContent =
  | { readonly kind: 'entries'; readonly entries: readonly HeldEntry[] }
  | { readonly kind: 'floors'; readonly floors: Readonly<InputCoverage> }

/** Content under its digest: what decisions name and replay reads. */
export interface BaselineSet {
  digest: Digest
  /** JSON of the content; `digest` is of its bytes. */
  text: string
  content: BaselineContent
  /** What is left to be paid: findings, failing tests, or whole percentage points that are not covered. */
  count: number
}

/** What a report holds of a class, as a baseline would keep it. */
export function contentOf({ findings, tests, coverage }: typeof NOTHING_FOUND, examined: EvidenceClass): BaselineContent {
  if (examined === 'coverage') return { kind: 'floors', floors: coverage ? percentages(coverage) : NOTHING_MEASURED }
  if (examined === 'tests') return { kind: 'entries', entries: tests ? entriesOf(failuresOf(tests)) : [] }
  return { kind: 'entries', entries: entriesOf(occurrencesOf(findings.filter((found) => found.class === examined))) }
}

const NOTHING_MEASURED: InputCoverage = { lines: null, branches: null, functions: null }

/** The debt that several reports of one lane show together: the worst of them. */
export function united(contents: readonly BaselineContent[]): BaselineContent | undefined {
  return contents.reduce<BaselineContent | undefined>((sum, content) => (sum ? unitedWith(sum, content) : content), undefined)
}

function unitedWith(a: BaselineContent, b: BaselineContent): BaselineContent {
  if (a.kind === 'entries' && b.kind === 'entries') return { kind: 'entries', entries: unitedEntries(a.entries, b.entries) }
  if (a.kind === 'floors' && b.kind === 'floors') return floorsOf((measure) => lower(a.floors[measure], b.floors[measure]))
  throw new TypeError('the reports of one lane are of one kind')
}

/**
 * What is left of the set after reports of its lane: it only ever shrinks. The same set if nothing was paid.
 * @param shown what the reports show together
 */
export function narrowed(set: BaselineSet, shown: BaselineContent): BaselineSet {
  const left = baselineSet(shared(set.content, shown))
  return left.count === set.count && left.content.kind === 'entries' ? set : left
}

function shared(held: BaselineContent, shown: BaselineContent): BaselineContent {
  if (held.kind === 'entries' && shown.kind === 'entries') return { kind: 'entries', entries: sharedEntries(held.entries, shown.entries) }
  if (held.kind === 'floors' && shown.kind === 'floors') return floorsOf((measure) => raised(held.floors[measure], shown.floors[measure]))
  throw new TypeError('the reports of one lane are of one kind')
}

/** A set that holds nothing. */
export function emptySet(examined: EvidenceClass): BaselineSet {
  return baselineSet(contentOf(NOTHING_FOUND, examined))
}

const NOTHING_FOUND: Pick<EvidenceDocument, 'findings' | 'tests' | 'coverage'> = { findings: [], tests: null, coverage: null }

/** Names the content by its digest. */
export function baselineSet(content: BaselineContent): BaselineSet {
  const text = JSON.stringify(content)
  return { digest: sha256Digest(text), text, content, count: countOf(content) }
}

/** Reads what `baselineSet` wrote. */
export function readBaselineSet(text: string): BaselineSet {
  return baselineSet(JSON.parse(text) as BaselineContent)
}

function countOf(content: BaselineContent): number {
  if (content.kind === 'entries') return content.entries.reduce((sum, [, , count]) => sum + count, 0)
  return COVERAGE_MEASURES.reduce((sum, measure) => sum + Math.ceil(100 - (content.floors[measure] ?? 100)), 0)
}

function floorsOf(floor: (measure: CoverageMeasure) => number | null): BaselineContent {
  return { kind: 'floors', floors: { lines: floor('lines'), branches: floor('branches'), functions: floor('functions') } }
}

/** A report that doesn't measure it says nothing. */
function lower(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b)
}

/** What was never measured isn't held; what was reached is held from then on. */
function raised(held: number | null, shown: number | null): number | null {
  return held === null || shown === null ? held : Math.max(held, shown)
}
