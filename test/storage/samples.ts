import { randomBytes } from 'node:crypto'

import { canonicalDigest, canonicalJson } from '../../src/core/canonical-json.ts'
import type { ChangeEffect } from '../../src/core/change-kind.ts'
import { sha256Digest, type Digest } from '../../src/core/digest.ts'
import { newId } from '../../src/core/id.ts'
import type { Cause, EntryDraft, EntryType } from '../../src/core/log-entry.ts'
import type { Principal } from '../../src/core/principal.ts'
import type { Issuer } from '../../src/auth/issuers/model.ts'
import type { Rotation, TokenRecord } from '../../src/auth/ports.ts'
import { tokenRecord } from '../../src/auth/records.ts'
import { formatInstant } from '../../src/core/time.ts'
import type { Decision, Violation } from '../../src/decisions/decision.ts'
import type { Deployment, DeploymentEnd, Outcome, StartedDeployment } from '../../src/decisions/deployments/deployment.ts'
import type { DeploymentStore } from '../../src/decisions/deployments/ports.ts'
import type { DecisionRecord } from '../../src/decisions/ports.ts'
import type { Evidence, EvidenceDocument, Observation } from '../../src/evidence/evidence.ts'
import type { Finding } from '../../src/evidence/model.ts'
import type { NewEvidence } from '../../src/evidence/ports.ts'
import { observationRecord } from '../../src/evidence/records.ts'
import { packDigest } from '../../src/policy/engine/pack-digest.ts'
import { policyTarget } from '../../src/policy/targets.ts'
import { publishedEntry } from '../../src/policy/versions/entries.ts'
import type { ActivationRequest, NewVersion } from '../../src/policy/versions/ports.ts'
import type { PolicyVersion } from '../../src/policy/versions/version.ts'
import type { Project, Team } from '../../src/ownership/model.ts'
import type { StoredChange } from '../../src/governance/changes/change.ts'
import type { Storage } from '../../src/storage/storage.ts'
import type { Binding } from '../../src/policy/model.ts'

export const AT = '2026-03-01T12:00:00.000Z'

export const CAUSE: Cause = { actor: 'tester', at: AT, requestId: 'r-1' }

/** Carries out what a change would, without a second person. */
export async function carryOut(storage: Storage, target: string, effect: ChangeEffect): Promise<unknown> {
  const tester = { id: 'tester', name: 'tester', owners: ['tester'], person: 'declared' } as const
  const change: StoredChange = {
    ...{ id: newId(), kind: 'test', target, summary: 'Test.', before: null, after: null, payload: null, state: 'pending' as const },
    ...{ baseRevision: await storage.changes.revision(target), proposedBy: tester, proposedAt: AT, expiresAt: AT },
    ...{ decidedBy: null, decidedAt: null, comment: null },
  }
  const outcome = await storage.changes.submit({ change, guarded: false, effect, person: 'declared', requestId: 'r-1' })
  return 'applied' in outcome ? outcome.applied : undefined
}

export function randomDigest(): Digest {
  return sha256Digest(randomBytes(16))
}

export function draft(type: EntryType, record: object, at = AT): EntryDraft {
  return { type, at, actor: 'tester', body: { digest: canonicalDigest(record) }, detail: {} }
}

export function violation(rule: string, controls: string[] = []): Violation {
  return {
    ...{ rule, pack: rule.split('.')[0] ?? '', binding: 'b', message: 'no', severity: 'high', evidence: [], missing: [], fix: null },
    ...{ findings: [], waivableBy: ['waivers:approve'], nextOpen: null, controls },
  }
}

export function decision(over: Partial<Decision> = {}): Decision {
  return {
    ...{ id: newId(), verdict: 'allow', enforced: true, dryRun: false, subject: randomDigest(), subjectName: null },
    ...{ stage: 'production', environment: 'production', repository: 'code.example/acme/shop', project: null, owners: [], at: AT },
    ...{
      expiresAt: '2026-03-08T12:00:00.000Z',
      restsOn: [],
      violations: [],
      warnings: [],
      shadow: [],
      wouldDeny: [],
      waived: [],
      baselines: [],
      rollback: null,
      nextOpen: null,
      pending: false,
      breakGlass: null,
    },
    ...{ evidence: [], evidenceReferences: [], sources: [], authors: [], policies: [], inputDigest: randomDigest(), askedBy: 'shop-ci' },
    ...{ context: { commit: randomDigest().slice(7, 47), author: 'Ann' }, verified: [], declared: ['author', 'commit'] },
    ...{ contradicted: [], identity: null, review: null },
    ...over,
  }
}

export function decisionToRecord(over: Partial<Decision> = {}, rest: Partial<DecisionRecord> = {}): DecisionRecord {
  const made = decision(over)
  const { subject, stage, environment, at, id, verdict } = made
  const entry: EntryDraft = {
    ...{ type: 'decision', at, actor: 'tester', subject, stage, environment },
    body: { digest: canonicalDigest(made), id, verdict },
    detail: { author: made.context.author ?? '' },
  }
  return {
    decision: made,
    input: canonicalJson({ subject, stage, n: 1 }),
    entry,
    idempotency: undefined,
    link: undefined,
    moves: [],
    newestBlock: undefined,
    ...rest,
  }
}

/** A grounded deployment that starts, unless it is said to rest on something else. */
export function deploymentToRecord(
  over: Partial<StartedDeployment> = {},
  rest: Partial<Parameters<DeploymentStore['start']>[0]> = {},
): Parameters<DeploymentStore['start']>[0] {
  const deployment: StartedDeployment = {
    ...{ id: newId(), subject: randomDigest(), subjectName: null, environment: 'production', target: null },
    ...{ repository: 'code.example/acme/shop', verified: ['repository'], declared: [], contradicted: [], identity: null },
    ...{ decisionId: newId(), groundedBy: newId(), grounded: true },
    ...{ bypass: false, startedAt: AT, receivedAt: AT, reportedBy: 'shop-ci', context: {} },
    ...over,
  }
  return { deployment, entry: draft('deployment.started', deployment, deployment.receivedAt), idempotency: undefined, ...rest }
}

export const BYPASS = { decisionId: null, groundedBy: null, grounded: false, bypass: true } as const
export const ROLLBACK = { groundedBy: null, grounded: false, bypass: false } as const

export function endToRecord(
  { id }: Pick<Deployment, 'id'>,
  outcome: Outcome = 'succeeded',
  over: Partial<DeploymentEnd> = {},
): Parameters<DeploymentStore['finish']>[0] {
  const end: DeploymentEnd = { deployment: id, outcome, reason: null, finishedAt: AT, finishedBy: 'shop-ci', ...over }
  return { end, entry: draft('deployment.finished', end, end.finishedAt) }
}

export function finding(over: Partial<Finding> = {}): Finding {
  return {
    ...{ class: 'vulnerabilities', id: 'CVE-2026-0001', aliases: [], severity: 'high', toolSeverity: 'HIGH', score: 8, title: 't' },
    ...{ purl: 'pkg:deb/debian/openssl@3.0.1', package: 'openssl', version: '3.0.1', fixedVersion: '3.0.2', fixState: 'fixed' },
    ...{ location: null, suppressed: false, suppressionReason: null },
    ...over,
  }
}

export function evidence(over: Partial<Evidence> = {}): Evidence {
  const digest = randomDigest()
  return {
    ...{ id: newId(), digest, storedDigest: digest, redacted: false, subject: randomDigest(), kind: 'vulnerabilities', format: 'trivy' },
    ...{ name: null, tool: { name: 'trivy', version: '0.60.0' }, completeness: 'complete', completenessReason: null },
    ...{ summary: { scanned: ['vulnerabilities'] }, reportedAt: null, databaseAt: null, statedDigests: [], confirmingDigests: [] },
    ...{ platform: null, examined: [] },
    ...{ receivedAt: AT, submittedBy: 'shop-ci', size: 100 },
    ...over,
  }
}

interface SubmissionParts {
  evidence?: Partial<Evidence>
  observation?: Partial<Observation>
  document?: Partial<EvidenceDocument>
}

export function submission(parts: SubmissionParts = {}, rest: Partial<NewEvidence> = {}): NewEvidence {
  const made = evidence(parts.evidence)
  const observation: Observation = {
    ...{ id: newId(), evidenceId: made.id, at: made.receivedAt, submitterId: newId(), submitterName: made.submittedBy },
    ...{ submitterGroups: [], issuerIds: ['system'], repositories: null, repository: null, run: null },
    ...{ identity: null, verified: [] },
    ...parts.observation,
  }
  const document: EvidenceDocument = {
    findings: [],
    coverage: null,
    tests: null,
    measures: null,
    document: null,
    manifests: null,
    vex: null,
    authorship: null,
    ...parts.document,
  }
  const entry: EntryDraft = {
    ...{ type: 'evidence.received', at: observation.at, actor: 'tester', subject: made.subject, detail: {} },
    body: { digest: canonicalDigest(observationRecord(made, observation)), evidence: made.id },
  }
  return { evidence: made, document, observation, links: [], alias: undefined, entry, idempotency: undefined, ...rest }
}

export function principal(over: Partial<Principal> = {}): Principal {
  const id = newId()
  return { id, name: `p-${id}`, kind: 'workload', disabled: false, groups: [], identities: [], createdBy: 'system', ...over }
}

export function token(principalId: string, over: Partial<TokenRecord> = {}): TokenRecord {
  const id = newId()
  return {
    ...{ id, hash: randomDigest().slice(7), hint: 'ptc_abcd', description: 'ci', principalId },
    ...{ kind: 'token', login: null, familyId: id, issuedWith: null, createdBy: 'admin', issuerIds: ['admin'], person: null },
    ...{ supersededBy: null, overlapUntil: null },
    ...{ roles: ['pipeline'], scopes: [], confinement: {}, createdAt: AT, expiresAt: null, revokedAt: null, lastUsedAt: null },
    ...over,
  }
}

export function tokenDraft(record: TokenRecord, type: 'token.issued' | 'token.superseded' = 'token.issued'): EntryDraft {
  return draft(type, tokenRecord(record), record.createdAt)
}

/** An hour's overlap, from `createdAt` of the successor on. */
export function rotationOf(old: TokenRecord, over: Partial<TokenRecord> = {}): Rotation {
  const successor = token(old.principalId, { familyId: old.familyId, createdAt: AT, issuedWith: { kind: 'token', id: old.id }, ...over })
  const superseded = { ...old, supersededBy: successor.id, overlapUntil: formatInstant(Date.parse(successor.createdAt) + 3_600_000) }
  const entries = { superseded: tokenDraft(superseded, 'token.superseded'), issued: tokenDraft(successor) }
  return { id: old.id, successor, overlapUntil: superseded.overlapUntil, entries }
}

export function binding(over: Partial<Binding> = {}): Omit<Binding, 'revision'> {
  return {
    ...{ name: 'b', pack: 'vulnerabilities', version: 'latest', parameters: { max: { critical: 0 } }, mode: 'enforce', validFor: 'P7D' },
    ...{ updatedAt: AT, updatedBy: 'admin' },
    ...over,
  }
}

/** A version that is told apart from others by its Wasm. */
export function policyVersion(text: string, over: Partial<PolicyVersion> & { name?: string; data?: string } = {}): NewVersion {
  const { name = 'vulnerabilities', data = null, ...rest } = over
  const [wasm, bundle] = [`wasm of ${text}`, `bundle of ${text}`].map((bytes) => new Uint8Array(Buffer.from(bytes)))
  const identity = {
    ...{ wasmDigest: sha256Digest(wasm ?? ''), dataDigest: data === null ? null : sha256Digest(data), opa: '1.22.0' },
    ...{
      entrypoint: `portcullis/${name}/results`,
      classes: [],
      facts: [],
      rules: [{ name: 'r', title: 'R' }],
      parameters: { type: 'object' },
    },
  }
  const manifest = { name, title: text, description: '', digest: packDigest(identity), ...identity }
  const version: PolicyVersion = {
    ...{ manifest, origin: 'custom', bundle: sha256Digest(bundle ?? ''), createdAt: AT, createdBy: 'ann' },
    ...rest,
  }
  return { version, pack: { manifest, wasm: wasm ?? new Uint8Array(), data }, bundle: version.bundle === null ? null : (bundle ?? null) }
}

export function publish(storage: Storage, version: NewVersion) {
  return storage.policies.publish(version, publishedEntry(version.version, CAUSE), undefined)
}

/** Moves `latest`. @param checked by default the bindings that follow it now */
export async function activate(storage: Storage, name: string, to: Digest, over: Partial<ActivationRequest> = {}) {
  const following = (await storage.bindings.all()).filter(({ pack, version }) => pack === name && version === 'latest')
  const args: ActivationRequest = { name, to, by: 'ann', reason: null, checked: following, cause: CAUSE, ...over }
  return (await carryOut(storage, policyTarget(name), { operation: 'activatePolicy', args })) as { moved: boolean; from: Digest | null }
}

export function project(over: Partial<Project> = {}): Omit<Project, 'revision'> {
  return {
    ...{ name: 'shop', description: 'Where customers order', repositories: ['code.example/acme/shop-*'], namespaces: ['eu-prod/shop'] },
    ...{ owners: ['shoppers'], contact: null, updatedAt: AT, updatedBy: 'admin' },
    ...over,
  }
}

export function team(over: Partial<Team> = {}): Omit<Team, 'revision'> {
  return {
    ...{ name: 'shoppers', description: '', members: ['ann'], groups: ['shop-developers'], contact: 'chat #shop' },
    ...{ updatedAt: AT, updatedBy: 'admin' },
    ...over,
  }
}

export function issuer(over: Partial<Issuer> = {}): Omit<Issuer, 'revision'> {
  return {
    ...{ name: 'github', kind: 'github', issuer: 'https://token.actions.githubusercontent.com', host: 'github.com' },
    ...{ audiences: ['https://gate.example.com'], algorithms: ['RS256'], keys: { discovery: {} }, clockSkew: 'PT1M', maxLifetime: 'PT1H' },
    replay: 'allowed',
    rules: [
      {
        ...{ name: 'cart', claims: { repository_id: '4711' }, patterns: {}, principal: 'ci', principalId: 'id of ci' },
        ...{ roles: ['pipeline'], scopes: [], confinement: {}, speaksFor: [] },
      },
    ],
    ...{ login: null, updatedAt: AT, updatedBy: 'admin' },
    ...over,
  }
}
