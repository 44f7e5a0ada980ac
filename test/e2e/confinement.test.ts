import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import { generateLogKey, randomOrigin } from '../../src/audit/log-key.ts'
import { readContract, type Operation, type OperationId } from '../../src/http/contract/document.ts'
import type { ErrorCode } from '../../src/http/problem.ts'
import type { Client, Reply } from '../support/client.ts'
import { startService, type RunningService } from '../support/service.ts'
import { forEachEngine } from '../support/storage.ts'
import { fillTwoRepositories, gate, SAME_REPORT, SETTINGS, sonarqubePath, type TwoRepositories } from '../support/two-repositories.ts'

/**
 * What becomes of a request of repository A's pipeline: refused with this code; or answered, either with what is A's alone, or with what has
 * nothing to do with any repository. No answer, refusals included, may hold anything of B that the request didn't say itself.
 */
type Expected = ErrorCode | 'filtered' | 'independent'

interface Probe {
  expected: Expected
  path: string
  body?: string
  headers?: Record<string, string>
  /** Of A's, which has to be in the answer: else it would be filtered of everything. */
  shows?: string
  /** The list has to be empty: there is nothing of A's that the filter fits. */
  empty?: boolean
}

const NOW = new Date().toISOString()
const SOON = new Date(Date.now() + 7 * 86_400_000).toISOString()
const PERIOD = { from: '2020-01-01T00:00:00Z', to: '2100-01-01T00:00:00Z' }
const CLEAN = JSON.stringify({ SchemaVersion: 2, ArtifactName: 'app', ArtifactType: 'container_image', Metadata: {}, Results: [] })
const json = (value: object): { body: string; headers: Record<string, string> } => ({
  body: JSON.stringify(value),
  headers: { 'content-type': 'application/json' },
})
const query = (path: string, values: Record<string, string>): string => `${path}?${new URLSearchParams(values).toString()}`

type Kind = keyof typeof KINDS

/** Every operation of the contract: one that is missing does not compile. */
function table({ a, b, shared, backtest }: TwoRepositories, kind: Kind): Readonly<Record<OperationId, readonly Probe[]>> {
  const isJob = kind !== 'token'
  /** A list, whole and by each filter that could name what is B's. */
  const list = (
    path: string,
    shows: string,
    filters: readonly (readonly [name: string, value: string, outcome?: ErrorCode | 'empty'])[],
  ): Probe[] => [
    { expected: 'filtered', path: `${path}?limit=200`, shows },
    ...filters.map(([name, value, outcome]): Probe => {
      const empty = outcome === 'empty'
      return { expected: outcome === undefined || empty ? 'filtered' : outcome, path: query(path, { [name]: value }), empty }
    }),
  ]
  const owned = [
    ['project', b.project, 'project_unknown'],
    ['team', b.team, 'team_unknown'],
  ] as const
  const everybody = (path: string, more: Partial<Probe> = {}): Probe => ({ expected: 'outside_confinement', path, ...more })
  const decide = (body: object, expected: Expected, key?: string): Probe => {
    const { headers, ...rest } = json(body)
    return { expected, path: '/v1/decisions', ...rest, headers: { ...headers, ...(key !== undefined && { 'idempotency-key': key }) } }
  }
  const deploy = (body: object, expected: Expected): Probe => ({
    expected,
    path: '/v1/deployments',
    ...json({ environment: 'production', startedAt: NOW, ...body }),
  })
  const waive = (scope: object, expected: Expected, key?: string): Probe => {
    const { headers, ...rest } = json({ scope: { rule: 'vulnerabilities.max_severity', ...scope }, reason: 'x', expiresAt: SOON })
    return { expected, path: '/v1/waivers', ...rest, headers: { ...headers, ...(key !== undefined && { 'idempotency-key': key }) } }
  }
  const ask = (body: object, expected: Expected): Probe => ({ expected, path: '/v1/approvals', ...json({ action: 'request', ...body }) })
  const evidence = (values: Record<string, string>, expected: Expected, more: Partial<Probe> = {}): Probe => ({
    expected,
    path: query('/v1/evidence', values),
    body: CLEAN,
    ...more,
  })
  const sonarqube = (repository: string, expected: Expected): Probe => {
    const [body, headers] = gate((what) => what)
    return { expected, path: sonarqubePath(repository, 'gate'), body, headers }
  }
  return {
    createDecision: [
      decide({ subject: b.source, stage: 'production' }, 'outside_confinement'),
      decide({ subject: a.subject, stage: 'production', context: { repository: b.repository } }, 'outside_confinement'),
      decide({ subject: a.subject, stage: 'production', source: b.source }, 'outside_confinement'),
      decide({ subject: b.subject, stage: 'production', breakGlass: { reason: 'x', incident: 'x' } }, 'filtered'),
      decide({ subject: b.subject, stage: b.stage, environment: b.environment }, 'filtered'),
      decide({ subject: b.subject, stage: 'production' }, 'filtered'),
      decide({ subject: shared, stage: 'production' }, 'filtered'),
      decide({ subject: shared, stage: 'admission', environment: b.environment }, 'filtered'),
      decide({ subject: b.subject, stage: 'production', dryRun: true }, 'filtered'),
      // The keys of a principal are its own; A's and B's tokens are of the same one, their jobs are not.
      decide({ subject: b.subject, stage: b.stage }, isJob ? 'filtered' : 'idempotency_key_reused', `${b.idempotencyKey}-${b.stage}-false`),
      decide(
        { subject: a.subject, stage: 'production' },
        isJob ? 'filtered' : 'idempotency_key_reused',
        `${b.idempotencyKey}-production-true`,
      ),
    ],
    listDecisions: list('/v1/decisions', a.decision, [
      ...owned,
      ['subject', b.subject],
      ['subject', b.source],
      ['subject', shared],
      ['repository', b.repository, 'empty'],
      ['stage', b.stage],
      ['environment', b.environment],
      ['actor', b.principal, 'empty'],
      ['context.author', b.author, 'empty'],
      ['verdict', 'deny'],
      ['rule', 'vulnerabilities.max_severity'],
      ['review', 'open', 'empty'],
    ]),
    getDecision: [
      { expected: 'filtered', path: `/v1/decisions/${a.decision}`, shows: a.author },
      { expected: 'not_found', path: `/v1/decisions/${b.decision}` },
    ],
    explainDecision: ['text/plain', 'text/markdown', 'application/junit+xml'].flatMap((accept): Probe[] => [
      { expected: 'filtered', path: `/v1/decisions/${a.decision}/explain`, headers: { accept }, shows: a.decision },
      { expected: 'not_found', path: `/v1/decisions/${b.decision}/explain`, headers: { accept } },
    ]),
    backtestPolicy: [
      { expected: 'filtered', path: backtest, ...json(PERIOD) },
      { expected: 'filtered', path: backtest, ...json({ ...PERIOD, binding: a.binding }) },
      { expected: 'backtest_binding_unknown', path: backtest, ...json({ ...PERIOD, binding: b.binding }) },
    ],
    listOperations: list('/v1/operations', a.operations[kind], []),
    getOperation: [
      { expected: 'filtered', path: `/v1/operations/${a.operations[kind]}`, shows: a.operations[kind] },
      { expected: 'not_found', path: `/v1/operations/${b.operations[kind]}` },
    ],
    cancelOperation: [
      { expected: 'operation_finished', path: `/v1/operations/${a.operations[kind]}` },
      { expected: 'not_found', path: `/v1/operations/${b.operations[kind]}` },
    ],
    listFlips: [
      { expected: 'filtered', path: `/v1/operations/${a.operations[kind]}/flips` },
      { expected: 'not_found', path: `/v1/operations/${b.operations[kind]}/flips` },
    ],
    replayDecision: [
      { expected: 'filtered', path: `/v1/decisions/${a.decision}/replay`, shows: a.decision },
      { expected: 'not_found', path: `/v1/decisions/${b.decision}/replay` },
    ],
    getDecisionReceipt: [
      { expected: 'filtered', path: `/v1/decisions/${a.decision}/receipt` },
      { expected: 'not_found', path: `/v1/decisions/${b.decision}/receipt` },
    ],
    createApproval: [
      ask({ subject: a.subject, stage: 'production', repository: b.repository }, 'outside_confinement'),
      ask({ subject: b.source, stage: 'production' }, 'outside_confinement'),
      ask({ subject: b.subject, stage: b.stage, environment: b.environment }, 'filtered'),
      ask({ subject: a.subject, stage: 'production', action: 'approve' }, 'person_required'),
    ],
    listApprovals: list('/v1/approvals', a.approval, [
      ['subject', b.source],
      ['repository', b.repository, 'empty'],
      ['stage', b.stage],
      ['environment', b.environment],
      ['by', b.principal, 'empty'],
      ['state', 'requested'],
      ['kind', 'request'],
    ]),
    getApproval: [
      { expected: 'filtered', path: `/v1/approvals/${a.approval}`, shows: a.approval },
      { expected: 'not_found', path: `/v1/approvals/${b.approval}` },
    ],
    answerApproval: [{ expected: 'person_required', path: `/v1/approvals/${b.approval}/approve`, ...json({}) }],
    revokeApproval: [{ expected: 'not_found', path: `/v1/approvals/${b.approval}/revoke`, ...json({ reason: 'no' }) }],
    getDecisionReview: [
      { expected: 'not_found', path: `/v1/decisions/${b.decision}/review` },
      { expected: 'not_found', path: `/v1/decisions/${a.decision}/review` },
    ],
    closeDecisionReview: [
      { expected: 'not_found', path: `/v1/decisions/${b.decision}/review`, ...json({ outcome: 'justified', comment: 'No.' }) },
      { expected: 'not_found', path: `/v1/decisions/${a.decision}/review`, ...json({ outcome: 'justified', comment: 'No.' }) },
    ],
    createDeployment: [
      deploy({ subject: b.source }, 'outside_confinement'),
      deploy({ subject: a.subject, context: { repository: b.repository } }, 'outside_confinement'),
      deploy({ subject: b.subject, decisionId: b.decision }, 'decision_unknown'),
      deploy({ subject: b.subject, environment: b.environment, target: b.target }, 'filtered'),
      deploy({ subject: shared }, 'filtered'),
    ],
    listDeployments: list('/v1/deployments', a.deployment, [
      ...owned,
      ['subject', b.subject],
      ['repository', b.repository, 'empty'],
      ['environment', b.environment],
      ['target', b.target],
      ['current', 'true'],
      ['grounded', 'true'],
    ]),
    getDeployment: [
      { expected: 'filtered', path: `/v1/deployments/${a.deployment}`, shows: a.target },
      { expected: 'not_found', path: `/v1/deployments/${b.deployment}` },
    ],
    finishDeployment: [
      { expected: 'not_found', path: `/v1/deployments/${b.deployment}/finish`, ...json({ outcome: 'failed' }) },
      { expected: 'filtered', path: `/v1/deployments/${a.deployment}/finish`, ...json({ outcome: 'succeeded' }), shows: a.target },
    ],
    getRollbackTarget: [
      { expected: 'outside_confinement', path: `/v1/environments/production/rollback-target?repository=${b.repository}` },
      { expected: 'filtered', path: `/v1/environments/${b.environment}/rollback-target?target=${b.target}` },
      { expected: 'filtered', path: '/v1/environments/production/rollback-target', shows: a.repository },
    ],
    submitEvidence: [
      evidence({ subject: b.source }, 'outside_confinement'),
      evidence({ subject: a.subject, source: b.source }, 'outside_confinement'),
      evidence({ subject: b.subject, name: 'clean' }, 'filtered'),
      evidence({ subject: b.subject, name: 'linked', source: a.source }, 'filtered'),
      // The very bytes that B posted, under the same name.
      evidence({ subject: shared, name: 'same' }, 'filtered', { body: SAME_REPORT }),
      evidence({ subject: shared, name: 'same' }, 'filtered', { headers: { 'idempotency-key': b.idempotencyKey } }),
    ],
    receiveSonarqube: [sonarqube(b.repository, 'outside_confinement'), sonarqube(a.repository, 'filtered')],
    listEvidence: list('/v1/evidence', a.evidence, [
      ...owned,
      ['subject', b.subject],
      ['subject', b.source],
      ['subject', shared],
      ['submittedBy', b.principal, 'empty'],
      ['name', b.module, 'empty'],
      ['name', 'same'],
      ['format', 'json'],
      ['from', '2020-01-01T00:00:00Z'],
    ]),
    getEvidence: [
      { expected: 'filtered', path: `/v1/evidence/${a.evidence}`, shows: a.module },
      { expected: 'not_found', path: `/v1/evidence/${b.evidence}` },
    ],
    getEvidenceRaw: [
      { expected: 'filtered', path: `/v1/evidence/${a.evidence}/raw`, shows: a.library },
      { expected: 'not_found', path: `/v1/evidence/${b.evidence}/raw` },
    ],
    listFindings: [
      { expected: 'filtered', path: `/v1/evidence/${a.evidence}/findings`, shows: a.library },
      { expected: 'not_found', path: `/v1/evidence/${b.evidence}/findings` },
    ],
    listBindings: list('/v1/bindings', a.binding, owned),
    getBinding: [
      { expected: 'filtered', path: `/v1/bindings/${a.binding}`, shows: a.owner },
      { expected: 'binding_not_found', path: `/v1/bindings/${b.binding}` },
    ],
    putBinding: [
      everybody(`/v1/bindings/${b.binding}`, json({ pack: 'tests' })),
      everybody(`/v1/bindings/${a.binding}`, json({ pack: 'tests' })),
    ],
    deleteBinding: [everybody(`/v1/bindings/${b.binding}`), everybody(`/v1/bindings/${a.binding}`)],
    getWouldDeny: [
      { expected: 'filtered', path: `/v1/bindings/${a.binding}/would-deny` },
      { expected: 'binding_not_found', path: `/v1/bindings/${b.binding}/would-deny` },
    ],
    getEffectivePolicy: [
      { expected: 'filtered', path: query('/v1/effective', { subject: shared, stage: 'production' }), shows: a.binding },
      {
        expected: 'outside_confinement',
        path: query('/v1/effective', { subject: a.subject, stage: 'production', repository: b.repository }),
      },
      { expected: 'outside_confinement', path: query('/v1/effective', { subject: b.source, stage: 'production' }) },
    ],
    createBlock: [b.subject, a.subject].map((subject) => everybody('/v1/blocks', json({ subject, reason: 'No.' }))),
    listBlocks: ['', `?subject=${b.subject}`, '?state=active'].map((filter) => everybody(`/v1/blocks${filter}`)),
    getBlock: [everybody(`/v1/blocks/${b.decision}`)],
    deleteBlock: [everybody(`/v1/blocks/${b.decision}`)],
    listBaselines: list('/v1/baselines', a.binding, [
      ...owned,
      ['binding', b.binding, 'empty'],
      ['repository', b.repository, 'empty'],
      ['owner', b.owner, 'empty'],
    ]),
    listProjects: list('/v1/projects', a.project, [
      ['team', b.team, 'team_unknown'],
      ['repository', b.repository, 'empty'],
      ['namespace', `${b.cluster}/x`, 'empty'],
    ]),
    getProject: [
      { expected: 'filtered', path: `/v1/projects/${a.project}`, shows: a.team },
      { expected: 'project_not_found', path: `/v1/projects/${b.project}` },
    ],
    putProject: [everybody(`/v1/projects/${b.project}`, json({ repositories: [a.repository], owners: [a.team] }))],
    deleteProject: [everybody(`/v1/projects/${b.project}`)],
    listResources: [everybody('/v1/resources')],
    putResources: [everybody('/v1/resources/default', json({ resources: [] }))],
    listWindows: [{ expected: 'independent', path: '/v1/windows' }],
    getNextOpening: [{ expected: 'independent', path: '/v1/windows/next?environment=production' }],
    getWindow: [{ expected: 'window_not_found', path: '/v1/windows/none' }],
    putWindow: [everybody('/v1/windows/none', json({ zone: 'UTC', weekdays: ['mon'], from: '09:00', to: '17:00' }))],
    deleteWindow: [everybody('/v1/windows/none')],
    listFreezes: [{ expected: 'independent', path: '/v1/freezes' }],
    getFreeze: [{ expected: 'freeze_not_found', path: '/v1/freezes/none' }],
    putFreeze: [everybody('/v1/freezes/none', json({ from: NOW, until: '2099-01-01T00:00:00Z' }))],
    deleteFreeze: [everybody('/v1/freezes/none')],
    listTeams: list('/v1/teams', a.team, [['project', b.project, 'project_unknown']]),
    getTeam: [
      { expected: 'filtered', path: `/v1/teams/${a.team}`, shows: a.person },
      { expected: 'team_not_found', path: `/v1/teams/${b.team}` },
    ],
    putTeam: [everybody(`/v1/teams/${b.team}`, json({ members: [] }))],
    deleteTeam: [everybody(`/v1/teams/${b.team}`)],
    getPolicyInputSchema: [{ expected: 'independent', path: '/v1/schemas/policy-input' }],
    getResourceSchema: [{ expected: 'independent', path: '/v1/schemas/resource' }],
    getFormatSchema: [{ expected: 'independent', path: '/v1/schemas/findings' }],
    listPolicies: [{ expected: 'independent', path: '/v1/policies' }],
    getPolicy: [{ expected: 'independent', path: '/v1/policies/vulnerabilities' }],
    putPolicy: [everybody('/v1/policies/b-house', { body: 'x' })],
    createPolicyVersion: [everybody('/v1/policies/b-house/versions', { body: 'x' })],
    deletePolicy: [everybody('/v1/policies/vulnerabilities')],
    listPolicyVersions: [{ expected: 'independent', path: '/v1/policies/vulnerabilities/versions' }],
    getPolicyVersion: [{ expected: 'policy_not_found', path: `/v1/policies/vulnerabilities/versions/${NO_VERSION}` }],
    getPolicyBundle: [{ expected: 'policy_not_found', path: `/v1/policies/vulnerabilities/versions/${NO_VERSION}/bundle` }],
    activatePolicyVersion: [everybody(`/v1/policies/vulnerabilities/versions/${NO_VERSION}/activate`, json({}))],
    listAuditEntries: ['', `?subject=${b.subject}`, `?project=${b.project}`, `?actor=${b.principal}`, `?stage=${b.stage}`].map((filter) =>
      everybody(`/v1/audit/entries${filter}`),
    ),
    getAuditReceipt: [b.logIndex, a.logIndex, 0].map((index) => everybody(`/v1/audit/entries/${index}/receipt`)),
    getAuditCheckpoint: [{ expected: 'independent', path: '/v1/audit/checkpoint' }],
    getTlogCheckpoint: [{ expected: 'independent', path: '/tlog/checkpoint' }],
    createToken: [
      everybody('/v1/tokens', json({ principal: b.principal, description: 'x', roles: ['pipeline'] })),
      everybody(
        '/v1/tokens',
        json({ principal: 'shared', description: 'x', roles: ['pipeline'], confinement: { repositories: [b.repository] } }),
      ),
      {
        expected: 'principal_foreign',
        path: '/v1/tokens',
        ...json({ principal: b.principal, description: 'x', roles: ['pipeline'], confinement: { repositories: [a.repository] } }),
      },
    ],
    listTokens: [
      ...(isJob ? [] : [{ expected: 'filtered', path: '/v1/tokens?principal=self&limit=200', shows: a.tokenId } as const]),
      { expected: 'filtered', path: '/v1/tokens?principal=self&limit=200' },
      { expected: 'filtered', path: `/v1/tokens?principal=self&family=${b.familyId}`, empty: true },
      { expected: 'team_unknown', path: `/v1/tokens?principal=self&team=${b.team}` },
      ...['', '?principal=shared', `?principal=${b.principal}`, `?family=${b.familyId}`].map((filter) => everybody(`/v1/tokens${filter}`)),
    ],
    getOwnToken: [
      isJob ? { expected: 'not_found', path: '/v1/tokens/self' } : { expected: 'filtered', path: '/v1/tokens/self', shows: a.tokenId },
    ],
    rotateOwnToken: [
      { expected: isJob ? 'token_not_replaceable' : 'filtered', path: '/v1/tokens/self/rotate', ...json({ overlap: 'P1D' }) },
    ],
    getToken: [everybody(`/v1/tokens/${b.tokenId}`)],
    revokeToken: [everybody(`/v1/tokens/${b.tokenId}`), everybody(`/v1/tokens/${b.tokenId}?issued=true`)],
    rotateToken: [everybody(`/v1/tokens/${b.tokenId}/rotate`)],
    listPrincipals: [everybody('/v1/principals'), everybody(`/v1/principals?team=${b.team}`)],
    getPrincipal: [b.principal, b.person].map((name) => everybody(`/v1/principals/${name}`)),
    putPrincipal: [everybody(`/v1/principals/${b.principal}`, json({ kind: 'workload', disabled: true }))],
    listIdentities: [everybody(`/v1/principals/${b.person}/identities`)],
    linkIdentity: [everybody(`/v1/principals/${b.person}/identities/email/${a.person}@example.com`)],
    unlinkIdentity: [everybody(`/v1/principals/${b.person}/identities/email/${a.person}@example.com`)],
    listChanges: [everybody('/v1/changes'), everybody('/v1/changes?proposedBy=ben')],
    getChange: [everybody(`/v1/changes/${b.change}`)],
    approveChange: [everybody(`/v1/changes/${b.change}/approve`, json({}))],
    rejectChange: [everybody(`/v1/changes/${b.change}/reject`, json({ reason: 'x' }))],
    requestWaiver: [
      waive({ repository: b.repository }, 'outside_confinement'),
      waive({ repository: 'github.com/acme/*' }, 'outside_confinement'),
      waive({ subject: b.subject, environment: b.environment }, 'filtered'),
      waive({ vulnerability: 'CVE-2020-1' }, 'filtered'),
      waive({ vulnerability: 'CVE-2020-2' }, 'filtered', b.idempotencyKey),
    ],
    listWaivers: list('/v1/waivers', a.waiver, [
      ['repository', b.repository, 'empty'],
      ['requestedBy', b.principal, 'empty'],
      ['environment', b.environment],
      ['subject', b.subject],
      ['vulnerability', 'CVE-2020-1'],
      ['rule', 'vulnerabilities.max_severity'],
      ['state', 'requested'],
      ['expiresBefore', '2099-01-01T00:00:00Z'],
    ]),
    getWaiver: [
      { expected: 'filtered', path: `/v1/waivers/${a.waiver}`, shows: a.repository },
      { expected: 'not_found', path: `/v1/waivers/${b.waiver}` },
    ],
    approveWaiver: [
      { expected: 'person_required', path: `/v1/waivers/${a.waiver}/approve`, ...json({}) },
      { expected: 'not_found', path: `/v1/waivers/${b.waiver}/approve`, ...json({}) },
    ],
    rejectWaiver: [
      { expected: 'person_required', path: `/v1/waivers/${a.waiver}/reject`, ...json({ reason: 'x' }) },
      { expected: 'not_found', path: `/v1/waivers/${b.waiver}/reject`, ...json({ reason: 'x' }) },
    ],
    withdrawWaiver: [
      { expected: 'not_found', path: `/v1/waivers/${b.waiver}/withdraw`, ...json({ reason: 'x' }) },
      kind === 'job'
        ? { expected: 'filtered', path: `/v1/waivers/${a.waiver}/withdraw`, ...json({ reason: 'x' }), shows: a.repository }
        : { expected: 'foreign_waiver', path: `/v1/waivers/${a.waiver}/withdraw`, ...json({ reason: 'x' }) },
    ],
    revokeWaiver: [
      { expected: 'waiver_not_approved', path: `/v1/waivers/${a.waiver}/revoke`, ...json({ reason: 'x' }) },
      { expected: 'not_found', path: `/v1/waivers/${b.waiver}/revoke`, ...json({ reason: 'x' }) },
    ],
    listIssuers: [everybody('/v1/issuers')],
    getIssuer: [everybody('/v1/issuers/github')],
    putIssuer: [everybody('/v1/issuers/github', json(ISSUER))],
    deleteIssuer: [everybody('/v1/issuers/github')],
    whoami: [{ expected: 'filtered', path: '/v1/whoami', shows: a.repository }],
    logIn: [{ expected: 'independent', path: '/auth/login' }],
    completeLogin: [{ expected: 'not_found', path: '/auth/callback/github?state=s&code=c' }],
    logOut: [{ expected: 'independent', path: '/auth/logout' }],
    getHealth: [{ expected: 'independent', path: '/healthz' }],
    getReadiness: [{ expected: 'independent', path: '/readyz' }],
    getMetrics: [everybody('/metrics')],
    getOpenapi: [{ expected: 'independent', path: '/openapi.yaml' }],
    getDocs: [{ expected: 'independent', path: '/docs' }],
    getDocsAsset: [{ expected: 'independent', path: '/docs/docs.css' }],
  }
}

const NO_VERSION = `sha256:${'0'.repeat(64)}`

const ISSUER = {
  kind: 'github',
  issuer: 'https://token.actions.githubusercontent.com',
  audiences: ['x'],
  keys: { discovery: {} },
  rules: [],
}

/** With what A's pipeline comes; every scope, so that nothing but the confinement can be what refuses. */
const KINDS = {
  job: 'with the token of its CI system',
  fleet: 'with the token of its CI system, by a rule that makes the jobs of both repositories one principal',
  token: 'with a token of a principal that it shares with B',
}

const { operations } = readContract()
const [reading, writing] = [operations.filter(({ method }) => method === 'get'), operations.filter(({ method }) => method !== 'get')]

await forEachEngine('A pipeline of repository A', (engine) => {
  for (const [kind, title] of Object.entries(KINDS) as [Kind, string][]) {
    describe(title, () => {
      let service: RunningService
      let world: TwoRepositories
      let probes: ReturnType<typeof table>
      /** What was said in requests that wrote something: it may be read again. */
      const written: string[] = []

      before(async () => {
        const { databaseUrl } = await engine.place()
        const database: Record<string, string> =
          databaseUrl === undefined ? {} : { PORTCULLIS_DATABASE_URL: databaseUrl, PORTCULLIS_LOG_KEY: generateLogKey(randomOrigin()) }
        service = await startService({ ...SETTINGS, ...database })
        world = await fillTwoRepositories(service)
        probes = table(world, kind)
      })
      after(() => service[Symbol.asyncDispose]())

      it('is held against marks that are there: an administrator finds every one of them', () => expectMarks(world))

      const walk = (walked: readonly Operation[], when: string): void => {
        for (const { id, method } of walked) {
          it(`gets nothing of B from ${id}${when}`, async () => {
            ok(probes[id].length > 0)
            for (const probe of probes[id]) {
              const reply = await send(world.a[kind], method, probe)
              expectAnswer(reply, probe)
              if (method !== 'get' && reply.status < 300) written.push(said(probe))
              deepEqual(world.b.marks.in(everything(reply), [said(probe), ...written].join('\n')), [], `${probe.path}: ${reply.text}`)
            }
          })
        }
      }
      walk(reading, '')
      walk(writing, '')
      walk(reading, ', after all that it wrote')

      it('changed nothing that is B’s: not its verdict, its evidence, its deployment or what it may do', () => expectUnchanged(world))
    })
  }
})

async function expectMarks({ admin, a, b }: TwoRepositories): Promise<void> {
  const texts: string[] = []
  const read = async (path: string): Promise<string> => {
    const reply = await admin.get(path)
    equal(reply.status, 200, reply.text)
    texts.push(reply.text)
    return reply.text
  }
  const lists = [
    'decisions',
    'approvals',
    'deployments',
    'bindings',
    'baselines',
    'projects',
    'teams',
    'tokens',
    'principals',
    'changes',
    'issuers',
    'waivers',
    'operations',
  ]
  for (const name of lists) await read(`/v1/${name}?limit=200`)
  for (const { person } of [a, b]) await read(`/v1/principals/${person}/identities`)
  const { items } = JSON.parse(await read('/v1/evidence?limit=200')) as { items: { id: string }[] }
  for (const { id } of items) await read(`/v1/evidence/${id}/raw`)
  for (const { marks } of [a, b]) deepEqual(marks.missingIn(texts.join('\n')), [])
}

async function expectUnchanged({ a, b }: TwoRepositories): Promise<void> {
  for (const client of [b.job, b.token, b.fleet]) {
    const decision = await client.decide({ subject: b.subject, stage: 'production' })
    equal(decision.verdict, 'deny')
    deepEqual(a.marks.in(JSON.stringify(decision)), [])
    const listed = await client.get(`/v1/evidence?limit=200&subject=${b.subject}`)
    ok(listed.text.includes(b.evidence))
    deepEqual(a.marks.in(listed.text), [])
    ok(!listed.text.includes('"clean"') && !listed.text.includes('"linked"'), 'A’s evidence about B’s image is A’s')
    equal((await client.get(`/v1/deployments/${b.deployment}`)).json()['state'], 'started')
    equal((await client.get(`/v1/bindings/${b.binding}`)).status, 200)
    equal((await client.get(`/v1/projects/${b.project}`)).status, 200)
  }
}

function send(client: Client, method: string, { path, body, headers }: Probe): Promise<Reply> {
  return client.send(method.toUpperCase(), path, body, headers)
}

function expectAnswer(reply: Reply, { expected, path, shows, empty }: Probe): void {
  if (expected === 'filtered' || expected === 'independent') ok(reply.status < 300, `${path}: ${reply.status} ${reply.text}`)
  else equal(reply.json()['code'], expected, `${path}: ${reply.text}`)
  if (shows !== undefined) ok(reply.text.includes(shows), `${path} doesn't show ${shows}: ${reply.text}`)
  if (empty === true) deepEqual(reply.json()['items'], [], path)
}

/** Headers as well as the body. */
function everything({ headers, text }: Reply): string {
  return [...headers].map(([name, value]) => `${name}: ${value}`).join('\n') + text
}

/** What the request said itself, and so may be told to it again. */
function said({ path, body, headers }: Probe): string {
  return [decodeURIComponent(path), body, JSON.stringify(headers)].join('\n')
}
