import { canonicalDigest } from '../core/canonical-json.ts'
import type { Digest } from '../core/digest.ts'
import type { Access } from '../core/principal.ts'
import { formatInstant } from '../core/time.ts'
import type { Block } from '../governance/blocks/block.ts'
import type { Mode } from '../policy/model.ts'
import type { BaselineLane } from './baselines/lanes.ts'
import type { BrokenBinding, PlannedBinding } from './binding-plans.ts'
import type { DecisionGround } from './decision.ts'
import type { SelectedEvidence, SelectedVex } from './evidence-selection.ts'
import type { GatheredFacts } from './facts/fact.ts'
import type { JudgedBinding } from './judge-all.ts'
import type { Prepared } from './preparation.ts'
import type { PreparedBinding } from './prepare.ts'
import type { Question } from './question.ts'
import type { VexFamily } from './vex.ts'

/**
 * What a decision rests on, by reference: enough to recompose every pack's input, small enough to hash for each decision.
 * `inputDigest` is the SHA-256 of its canonical JSON.
 */
export interface ReferenceForm extends Pick<
  Question,
  'stage' | 'environment' | 'repository' | 'verified' | 'context' | 'identity' | 'breakGlass'
> {
  version: 2
  /** RFC 3339 UTC. */
  at: string
  subject: string
  subjectName: string | null
  /** Who asked: whose credential, through whose hands it went, and the repository globs that it was confined to. */
  asker: { id: string; issuers: readonly string[]; repositories: readonly string[] | null }
  sources: PreparedBinding['view']['sources']
  platforms: PreparedBinding['view']['facts']['family']['judged']
  engine: EngineVersions
  bindings: BindingReference[]
  /** Bindings that applied and couldn't be carried out. */
  broken: { name: string; revision: number; reason: string }[]
  /** What was let pass: by which waiver, under which binding, and how many findings; 0 where it was a violation without any. */
  waivers: { id: string; binding: string; findings: number }[]
  /** What denied, whatever the bindings said. */
  blocks: readonly Block[]
}

/** What could make the same policy answer otherwise. */
export interface EngineVersions {
  node: string
  /** Of the time zone data. */
  zones: string
}

/** What the pack of one binding saw. */
export interface BindingReference {
  name: string
  revision: number
  pack: string
  version: Digest
  mode: Mode
  validFor: string
  parameters: Digest
  evidence: EvidenceReference[]
  unusable: EvidenceReference[]
  /** Of the composed evidence, as the pack saw it. */
  evidenceDigest: Digest
  fault: string | null
  vex: VexReference[]
  /** Null without VEX documents, for which alone it matters. */
  vexFamily: VexFamily | null
  /** The lanes of old debt; `items` are indexes of `evidence`. */
  baseline: { id: Digest; lanes: (BaselineLane & { set: Digest | null; items: number[] })[] } | null
  facts: GatheredFacts
  /** Milliseconds since the epoch: ends of what the facts tell of. */
  endsAt: readonly number[]
  /** What the facts tell of and an allow rests on. */
  restsOn: readonly DecisionGround[]
}

/** A piece of evidence as it was selected. `previous` is the id of the coverage report before it. */
export interface EvidenceReference extends Pick<
  SelectedEvidence,
  'class' | 'time' | 'trust' | 'submitter' | 'link' | 'match' | 'covers' | 'repository' | 'repositoryProven'
> {
  id: string
  digest: Digest
  previous: string | null
}

type VexReference = Pick<SelectedVex, 'trust' | 'link' | 'author' | 'received' | 'trustedForPackages'> & { id: string }

/** What this process evaluates with. */
export const ENGINE: EngineVersions = { node: process.versions.node, zones: process.versions['tz'] ?? '' }

/** Writes down by reference what was gathered for a question, and what waivers did with it. */
export function referenceForm(
  { principal, issuerIds, confinement }: Access,
  question: Question,
  gathered: Prepared,
  judged: readonly JudgedBinding[],
): ReferenceForm {
  const { subject, stage, environment, repository, context, verified, identity, breakGlass } = question
  const view = gathered.prepared[0]?.view
  return {
    version: 2,
    at: formatInstant(question.at),
    subject: subject.id,
    subjectName: subject.kind === 'artifact' ? (subject.name ?? null) : null,
    stage,
    environment,
    repository,
    verified,
    context,
    identity,
    breakGlass,
    asker: { id: principal.id, issuers: issuerIds, repositories: confinement.repositories ?? null },
    sources: view?.sources ?? [],
    platforms: view?.facts.family.judged ?? [],
    engine: ENGINE,
    bindings: gathered.prepared.map(bindingReference),
    broken: gathered.broken.map(brokenReference),
    waivers: judged.flatMap(({ prepared, waivers }) =>
      waivers.map(({ waiver, findings }) => ({ id: waiver.id, binding: prepared.plan.binding.name, findings: findings.length })),
    ),
    blocks: gathered.blocks,
  }
}

function brokenReference({ binding: { name, revision }, broken: reason }: BrokenBinding): ReferenceForm['broken'][number] {
  return { name, revision, reason }
}

function bindingReference({ plan, evidence, baseline, facts, endsAt, restsOn }: PreparedBinding): BindingReference {
  const { name, revision, pack, mode, validFor } = plan.binding
  const { selection, previous, vex } = evidence
  return {
    name,
    revision,
    pack,
    version: plan.manifest.digest,
    mode,
    validFor,
    parameters: digestOfParameters(plan),
    evidence: selection.counted.map((item) => evidenceReference(item, previous.get(item.evidence.id))),
    unusable: selection.unusable.map((item) => evidenceReference(item, undefined)),
    evidenceDigest: evidence.digest,
    fault: evidence.fault,
    vex: vex.map(({ evidence: { id }, trust, link, author, received, trustedForPackages }) => {
      return { id, trust, link, author, received, trustedForPackages }
    }),
    vexFamily: vex.length > 0 ? evidence.vexFamily : null,
    baseline: baseline && {
      id: baseline.id,
      lanes: baseline.debt.lanes.map(({ lane, set, items }) => {
        return { ...lane, set: set?.digest ?? null, items: items.map((item) => selection.counted.indexOf(item)) }
      }),
    },
    facts,
    endsAt,
    restsOn,
  }
}

const parameterDigests = new WeakMap<PlannedBinding, Digest>()

/** Worked out once for each plan. */
export function digestOfParameters(plan: PlannedBinding): Digest {
  let digest = parameterDigests.get(plan)
  if (!digest) {
    digest = canonicalDigest(plan.parameters)
    parameterDigests.set(plan, digest)
  }
  return digest
}

function evidenceReference(item: SelectedEvidence, previous: string | undefined): EvidenceReference {
  const { evidence, class: name, time, trust, submitter, link, match, covers, repository, repositoryProven } = item
  return {
    id: evidence.id,
    digest: evidence.digest,
    ...{ class: name, time, trust, submitter, link, match, covers, repository, repositoryProven },
    previous: previous ?? null,
  }
}
