import { canonicalDigest } from '../core/canonical-json.ts'
import type { Digest } from '../core/digest.ts'
import type { Access } from '../core/principal.ts'
import { formatInstant } from '../core/time.ts'
import type { PlannedBinding } from './binding-plans.ts'
import type { SelectedEvidence } from './evidence-selection.ts'
import type { PreparedBinding } from './prepare.ts'
import type { Question } from './question.ts'

const parameterDigests = new WeakMap<PlannedBinding, Digest>()

/**
 * What a decision rests on, by reference: enough to recompose every pack's input, small enough to hash for each decision.
 * `inputDigest` is the SHA-256 of its canonical JSON.
 */
export function referenceForm(access: Access, question: Question, prepared: readonly PreparedBinding[]): Record<string, unknown> {
  const { subject, stage, environment, repository, context, verified, identity } = question
  return {
    version: 1,
    at: formatInstant(question.at),
    subject: subject.id,
    subjectName: subject.kind === 'artifact' ? (subject.name ?? null) : null,
    stage,
    environment,
    repository,
    verified,
    context,
    identity,
    asker: access.principal.id,
    askerIssuers: access.issuerIds,
    sources: prepared[0]?.view.sources ?? [],
    platforms: prepared[0]?.view.facts.family.judged ?? [],
    zones: process.versions['tz'],
    bindings: prepared.map(({ plan, evidence, baseline, facts }) => ({
      name: plan.binding.name,
      revision: plan.binding.revision,
      pack: plan.binding.pack,
      version: plan.manifest.digest,
      mode: plan.binding.mode,
      validFor: plan.binding.validFor,
      parameters: digestOfParameters(plan),
      evidence: evidence.selection.counted.map((item, at) => reference(item, evidence.composed.input[at]?.previous?.digest)),
      unusable: evidence.selection.unusable.map((item) => reference(item, undefined)),
      vex: evidence.vex.map(({ evidence: document, author, received }) => ({ id: document.id, author, received })),
      baseline: baseline && {
        id: baseline.id,
        lanes: baseline.debt.lanes.map(({ lane, set }) => ({ ...lane, set: set?.digest ?? null })),
      },
      facts,
    })),
  }
}

function digestOfParameters(plan: PlannedBinding): Digest {
  let digest = parameterDigests.get(plan)
  if (!digest) {
    digest = canonicalDigest(plan.parameters)
    parameterDigests.set(plan, digest)
  }
  return digest
}

function reference(item: SelectedEvidence, previous: string | undefined): Record<string, unknown> {
  return {
    id: item.evidence.id,
    digest: item.evidence.digest,
    class: item.class,
    time: item.time,
    trust: item.trust,
    submitter: item.submitter,
    link: item.link,
    match: item.match,
    covers: item.covers,
    previous: previous ?? null,
  }
}
