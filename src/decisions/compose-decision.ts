import { sha256Digest } from '../core/digest.ts'
import { newId } from '../core/id.ts'
import type { Access } from '../core/principal.ts'
import { isSamePlace } from '../core/place-name.ts'
import { matchesAnyRepository } from '../core/repository.ts'
import { parseSubject } from '../core/subject.ts'
import { formatInstant, parseInstant } from '../core/time.ts'
import type { OwnershipMap } from '../ownership/ownership-map.ts'
import { authorsOf } from './authors.ts'
import { baselineUse } from './baselines/uses.ts'
import type { Decision, Violation } from './decision.ts'
import type { FactsReader } from './ports.ts'
import type { PreparedBinding } from './prepare.ts'
import type { Prepared } from './preparation.ts'
import type { Question } from './question.ts'
import { openReview, type Review } from './reviews/review.ts'
import { rollbackOf } from './rollback/marked.ts'
import { ROLLBACK_STAGE } from './rollback/stage.ts'
import type { Ruled } from './ruling.ts'
import type { JudgedBinding } from './judge-all.ts'
import type { LinkedSource } from './subject-links.ts'
import { waivedFindings } from './waived.ts'
import { waivedEntries } from './waivers/waived-entries.ts'

/** What a decision is written from. */
export interface DecisionParts {
  access: Access
  question: Question
  gathered: Prepared
  ruled: Ruled
  /** Its stored input in reference form, as canonical JSON. */
  reference: string
  ownership: OwnershipMap
}

/** Writes down what was decided, as the API shows it. */
export async function composeDecision(parts: DecisionParts, reader: Pick<FactsReader, 'holders' | 'document'>): Promise<Decision> {
  const { access, question, gathered, ruled, reference, ownership } = parts
  const { prepared } = gathered
  const { subject, stage, environment, repository, context, verified, declared, contradicted, identity } = question
  const sources = prepared[0]?.view.sources ?? []
  const contributors = prepared[0]?.view.contributors
  return {
    id: newId(),
    ...ruledDecision(gathered, ruled),
    dryRun: question.dryRun,
    subject: subject.id,
    subjectName: subject.kind === 'artifact' ? (subject.name ?? null) : null,
    stage,
    environment,
    repository,
    ...ownership.ownerOf(repository ?? onlySource(access, sources)),
    at: formatInstant(question.at),
    rollback: rollbackOf(question, prepared),
    review: reviewOf(access, question, ruled),
    sources,
    authors: contributors ? await authorsOf(await contributors, reader) : [],
    inputDigest: sha256Digest(reference),
    askedBy: access.principal.name,
    ...{ context, verified, declared, contradicted, identity },
  }
}

/** What passes by an exception is looked at afterwards: against what policies say, or back, which is always open. */
function reviewOf(access: Access, { stage, dryRun, at }: Question, { ruling, breakGlass }: Ruled): Review | null {
  if (dryRun || ruling.verdict !== 'allow' || !ruling.enforced) return null
  if (breakGlass) return openReview('break-glass', access, formatInstant(at))
  return isSamePlace(stage, ROLLBACK_STAGE) ? openReview('rollback', access, formatInstant(at)) : null
}

/** What of a decision follows from what was gathered alone: a replay gives the same again. */
export type RuledDecision = Pick<
  Decision,
  | 'verdict'
  | 'enforced'
  | 'expiresAt'
  | 'restsOn'
  | 'violations'
  | 'warnings'
  | 'shadow'
  | 'wouldDeny'
  | 'waived'
  | 'baselines'
  | 'nextOpen'
  | 'pending'
  | 'breakGlass'
  | 'evidence'
  | 'evidenceReferences'
  | 'policies'
>

/** Writes down what was ruled, and on what it rests. */
export function ruledDecision(
  { prepared, broken, blocks }: Prepared,
  { ruling, judged, restsOn, pending, breakGlass }: Ruled,
): RuledDecision {
  return {
    verdict: ruling.verdict,
    enforced: blocks.length > 0 || [...prepared.map(({ plan }) => plan), ...broken].some(({ binding }) => binding.mode === 'enforce'),
    expiresAt: formatInstant(ruling.expiresAt),
    restsOn,
    violations: ruling.violations,
    warnings: ruling.warnings,
    shadow: ruling.shadow,
    wouldDeny: objections(judged),
    waived: [...waivedEntries(judged), ...waivedFindings(prepared)],
    baselines: judged.flatMap(({ prepared: item, needsBaseline }) => baselineUse(item, needsBaseline) ?? []),
    nextOpen: nextOpenOf(ruling.violations),
    pending,
    breakGlass,
    ...evidenceSeen(prepared),
    policies: prepared.map(({ plan: { binding, manifest } }) => {
      return { pack: binding.pack, version: manifest.digest, binding: binding.name, mode: binding.mode }
    }),
  }
}

/** What bindings that don't enforce have against passing, and would deny by if they did. */
function objections(judged: readonly JudgedBinding[]): Decision['wouldDeny'] {
  return judged.flatMap(({ prepared: { plan }, items }) => {
    if (plan.binding.mode === 'enforce') return []
    const rules = items.flatMap(({ effect, violation }) => (effect === 'violation' ? [violation.rule] : []))
    return rules.length > 0 ? [{ binding: plan.binding.name, rules: [...new Set(rules)].sort() }] : []
  })
}

/** When the last of all that denies is over by itself; null if any of it isn't. */
function nextOpenOf(violations: readonly Violation[]): string | null {
  const openings = violations.map(({ nextOpen }) => (nextOpen === null ? undefined : parseInstant(nextOpen)))
  const last = openings.reduce<number | undefined>((latest, opening) => {
    return latest === undefined || opening === undefined ? undefined : Math.max(latest, opening)
  }, 0)
  return last === undefined || last === 0 ? null : formatInstant(last)
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
