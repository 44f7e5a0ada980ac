import { createHmac } from 'node:crypto'

import type { OperationId } from '../../../src/http/contract/document.ts'
import { DIGEST, KNOWN_ID, OTHER_ID, SONARQUBE_SECRET } from './stub-dependencies.ts'

/** A request that the stub domain answers with success. */
export interface SampleRequest {
  path: string
  body?: string
  headers?: Readonly<Record<string, string>>
  /** The same for a name or id that nobody has. */
  unknown?: string
  /** The same with a name or id that can't be one. */
  malformed?: string
  /** A body that the contract refuses. */
  wrong?: string
  /** A request that gives the other successful status, where there are two. */
  other?: { path?: string; body?: string }
  /** One that waits for a second person. */
  waiting?: string
}

const NOBODY = '019a7c1e-0000-7000-8000-000000000000'
const LIST = (path: string): SampleRequest => ({ path })
const ITEM = (prefix: string, suffix = ''): SampleRequest => ({
  path: `${prefix}/${KNOWN_ID}${suffix}`,
  unknown: `${prefix}/${NOBODY}${suffix}`,
  malformed: `${prefix}/..%2f..%2fetc%2fpasswd${suffix}`,
})
const NAMED = (prefix: string, name: string): SampleRequest => ({
  path: `${prefix}/${name}`,
  unknown: `${prefix}/nobody`,
  malformed: `${prefix}/%00`,
})
const VERSIONS = (suffix: string, unknown = 'vulnerabilities'): SampleRequest => ({
  path: `/v1/policies/vulnerabilities/versions${suffix}`,
  unknown: `/v1/policies/${unknown}/versions${suffix.replace(DIGEST, `sha256:${'0'.repeat(64)}`)}`,
  malformed: suffix === '' ? '/v1/policies/%00/versions' : `/v1/policies/vulnerabilities/versions${suffix.replace(DIGEST, 'latest')}`,
})
const UPLOAD = (path: string): SampleRequest => ({ path, body: 'x', headers: { 'content-type': 'application/gzip' } })
const BINDING = JSON.stringify({ pack: 'vulnerabilities', mode: 'enforce', stage: ['production'] })
const PROJECT = JSON.stringify({ repositories: ['github.com/acme/shop-*'], owners: ['shoppers'] })
const WINDOW = JSON.stringify({ zone: 'Europe/Berlin', weekdays: ['mon'], from: '09:00', to: '17:00' })
const FREEZE = JSON.stringify({ from: '2026-12-21T00:00:00Z', until: '2027-01-04T00:00:00Z' })
const TEAM = JSON.stringify({ members: ['ann'], contact: 'chat #shop' })
const ISSUER = JSON.stringify({
  kind: 'github',
  issuer: 'https://token.actions.githubusercontent.com',
  audiences: ['https://gate.example.com'],
  rules: [{ name: 'cart', claims: { repository_id: '4711' }, principal: 'cart-pipeline', roles: ['pipeline'] }],
})
const PRINCIPAL = JSON.stringify({ kind: 'workload', groups: ['ci'] })
const deployment = (target: string): string =>
  JSON.stringify({ subject: DIGEST, environment: 'production', target, startedAt: '2026-11-18T09:59:00Z' })
const block = (reason: string): string => JSON.stringify({ subject: DIGEST, reason })
const token = (description: string): string => JSON.stringify({ principal: 'cart-pipeline', description, roles: ['pipeline'] })

const waiver = (reason: string): string =>
  JSON.stringify({ scope: { rule: 'vulnerabilities.max_severity' }, reason, expiresAt: '2026-12-18T10:00:00Z' })

const OVERLAP = '{"overlap":"P1D"}'
const WEBHOOK = JSON.stringify({ taskId: 't', revision: 'a'.repeat(40) })

/** One for every operation: an operation without one does not compile. */
export const SAMPLES: Readonly<Record<OperationId, SampleRequest>> = {
  createDecision: { path: '/v1/decisions', body: JSON.stringify({ subject: DIGEST, stage: 'test' }), wrong: '{"subject":"x"}' },
  listDecisions: LIST('/v1/decisions'),
  getDecision: ITEM('/v1/decisions'),
  explainDecision: ITEM('/v1/decisions', '/explain'),
  replayDecision: ITEM('/v1/decisions', '/replay'),
  getDecisionReceipt: ITEM('/v1/decisions', '/receipt'),
  getDecisionReview: ITEM('/v1/decisions', '/review'),
  closeDecisionReview: {
    ...ITEM('/v1/decisions', '/review'),
    body: '{"outcome":"justified","comment":"It was down."}',
    wrong: '{"outcome":"fine","comment":"It was down."}',
  },
  createApproval: {
    path: '/v1/approvals',
    body: JSON.stringify({ subject: DIGEST, stage: 'production' }),
    wrong: `{"subject":"${DIGEST}"}`,
    other: { body: JSON.stringify({ subject: DIGEST, stage: 'production', comment: 'again' }) },
  },
  listApprovals: LIST('/v1/approvals'),
  getApproval: ITEM('/v1/approvals'),
  answerApproval: {
    ...ITEM('/v1/approvals', '/approve'),
    body: '{"comment":"Tried it."}',
    wrong: '{"comment":""}',
    other: { body: '{"comment":"again"}' },
  },
  revokeApproval: { ...ITEM('/v1/approvals', '/revoke'), body: '{"reason":"It failed."}', wrong: '{}' },
  createDeployment: {
    path: '/v1/deployments',
    body: deployment('eu'),
    wrong: `{"subject":"${DIGEST}","environment":"production"}`,
    other: { body: deployment('again') },
  },
  listDeployments: LIST('/v1/deployments'),
  getDeployment: ITEM('/v1/deployments'),
  finishDeployment: { ...ITEM('/v1/deployments', '/finish'), body: '{"outcome":"succeeded"}', wrong: '{"outcome":"started"}' },
  getRollbackTarget: { path: '/v1/environments/production/rollback-target', malformed: '/v1/environments/%00/rollback-target' },
  submitEvidence: {
    path: `/v1/evidence?subject=${DIGEST}`,
    body: '{"SchemaVersion":2}',
    other: { path: `/v1/evidence?subject=${DIGEST}&name=again` },
  },
  receiveSonarqube: {
    path: '/integrations/sonarqube?repository=git.example.com/acme/app',
    body: WEBHOOK,
    headers: { 'x-sonar-webhook-hmac-sha256': createHmac('sha256', SONARQUBE_SECRET).update(WEBHOOK).digest('hex') },
    other: { path: '/integrations/sonarqube?repository=git.example.com/acme/app&name=again' },
  },
  listEvidence: LIST('/v1/evidence'),
  getEvidence: ITEM('/v1/evidence'),
  getEvidenceRaw: ITEM('/v1/evidence', '/raw'),
  listFindings: ITEM('/v1/evidence', '/findings'),
  listBindings: LIST('/v1/bindings'),
  getBinding: NAMED('/v1/bindings', 'vulnerabilities'),
  putBinding: {
    path: '/v1/bindings/vulnerabilities',
    malformed: '/v1/bindings/%00',
    body: BINDING,
    wrong: '{"pack":"x","mode":"loud"}',
    other: { path: '/v1/bindings/new' },
    waiting: '/v1/bindings/waits',
  },
  deleteBinding: { ...NAMED('/v1/bindings', 'vulnerabilities'), waiting: '/v1/bindings/waits' },
  createBlock: { path: '/v1/blocks', body: block('bad'), wrong: `{"subject":"${DIGEST}"}`, other: { body: block('again') } },
  listBlocks: LIST('/v1/blocks'),
  getBlock: ITEM('/v1/blocks'),
  deleteBlock: { ...ITEM('/v1/blocks'), waiting: `/v1/blocks/${OTHER_ID}` },
  listProjects: LIST('/v1/projects'),
  getProject: NAMED('/v1/projects', 'shop'),
  putProject: {
    path: '/v1/projects/shop',
    malformed: '/v1/projects/%00',
    body: PROJECT,
    wrong: '{"owners":[]}',
    other: { path: '/v1/projects/new' },
  },
  deleteProject: NAMED('/v1/projects', 'shop'),
  listTeams: LIST('/v1/teams'),
  getTeam: NAMED('/v1/teams', 'shoppers'),
  putTeam: {
    path: '/v1/teams/shoppers',
    malformed: '/v1/teams/%00',
    body: TEAM,
    wrong: '{"lead":"ann"}',
    other: { path: '/v1/teams/new' },
  },
  deleteTeam: NAMED('/v1/teams', 'shoppers'),
  getPolicyInputSchema: LIST('/v1/schemas/policy-input'),
  getResourceSchema: { path: '/v1/schemas/resource' },
  getFormatSchema: NAMED('/v1/schemas', 'findings'),
  getWouldDeny: {
    path: '/v1/bindings/vulnerabilities/would-deny',
    unknown: '/v1/bindings/nobody/would-deny',
    malformed: '/v1/bindings/%00/would-deny',
  },
  getEffectivePolicy: LIST(`/v1/effective?subject=${DIGEST}&stage=production`),
  listResources: LIST('/v1/resources'),
  putResources: {
    path: '/v1/resources/default',
    malformed: '/v1/resources/%00',
    body: JSON.stringify({
      resources: [{ apiVersion: 'portcullis/v1', kind: 'Window', name: 'office', spec: JSON.parse(WINDOW) as object }],
    }),
    wrong: '{"resources":[{"apiVersion":"portcullis/v1","kind":"Window","name":"office","spec":{"zone":5}}]}',
    waiting: '/v1/resources/waits',
  },
  listWindows: LIST('/v1/windows'),
  getNextOpening: { path: '/v1/windows/next?environment=production' },
  getWindow: NAMED('/v1/windows', 'office'),
  putWindow: {
    path: '/v1/windows/office',
    malformed: '/v1/windows/%00',
    body: WINDOW,
    wrong: '{"zone":5}',
    other: { path: '/v1/windows/new' },
    waiting: '/v1/windows/waits',
  },
  deleteWindow: { ...NAMED('/v1/windows', 'office'), waiting: '/v1/windows/waits' },
  listFreezes: LIST('/v1/freezes'),
  getFreeze: NAMED('/v1/freezes', 'year-end'),
  putFreeze: {
    path: '/v1/freezes/year-end',
    malformed: '/v1/freezes/next',
    body: FREEZE,
    wrong: '{"until":5}',
    other: { path: '/v1/freezes/new' },
    waiting: '/v1/freezes/waits',
  },
  deleteFreeze: { ...NAMED('/v1/freezes', 'year-end'), waiting: '/v1/freezes/waits' },
  listBaselines: LIST('/v1/baselines'),
  listPolicies: LIST('/v1/policies'),
  getPolicy: NAMED('/v1/policies', 'vulnerabilities'),
  putPolicy: {
    ...UPLOAD('/v1/policies/new'),
    malformed: '/v1/policies/%00',
    other: { path: '/v1/policies/again' },
    waiting: '/v1/policies/waits',
  },
  createPolicyVersion: {
    ...UPLOAD('/v1/policies/new/versions'),
    malformed: '/v1/policies/%00/versions',
    other: { path: '/v1/policies/again/versions' },
  },
  deletePolicy: { ...NAMED('/v1/policies', 'vulnerabilities'), waiting: '/v1/policies/waits' },
  listPolicyVersions: VERSIONS('', 'nobody'),
  getPolicyVersion: VERSIONS(`/${DIGEST}`),
  getPolicyBundle: VERSIONS(`/${DIGEST}/bundle`),
  activatePolicyVersion: {
    ...VERSIONS(`/${DIGEST}/activate`),
    body: '{"reason":"It denies hotfixes."}',
    wrong: '{"reason":""}',
    waiting: `/v1/policies/waits/versions/${DIGEST}/activate`,
  },
  backtestPolicy: {
    path: `/v1/policies/vulnerabilities/versions/${DIGEST}/backtest`,
    unknown: `/v1/policies/nobody/versions/${DIGEST}/backtest`,
    malformed: '/v1/policies/vulnerabilities/versions/latest/backtest',
    body: '{"from":"2026-11-01T00:00:00Z","to":"2026-11-18T00:00:00Z"}',
    wrong: '{"from":"2026-11-01T00:00:00Z","to":"2026-11-18T00:00:00Z","mode":"loud"}',
  },
  listOperations: LIST('/v1/operations'),
  getOperation: ITEM('/v1/operations'),
  cancelOperation: ITEM('/v1/operations'),
  listFlips: ITEM('/v1/operations', '/flips'),
  listAuditEntries: LIST('/v1/audit/entries'),
  getAuditReceipt: {
    path: '/v1/audit/entries/41/receipt',
    unknown: '/v1/audit/entries/999/receipt',
    malformed: '/v1/audit/entries/-1/receipt',
  },
  getAuditCheckpoint: LIST('/v1/audit/checkpoint'),
  getTlogCheckpoint: LIST('/tlog/checkpoint'),
  createToken: { path: '/v1/tokens', body: token('CI'), wrong: '{"principal":"ci"}', other: { body: token('again') } },
  listTokens: LIST('/v1/tokens'),
  getOwnToken: LIST('/v1/tokens/self'),
  rotateOwnToken: { path: '/v1/tokens/self/rotate', body: OVERLAP, wrong: '{"overlap":3600}', other: { body: '{"overlap":"P2D"}' } },
  getToken: ITEM('/v1/tokens'),
  revokeToken: ITEM('/v1/tokens'),
  rotateToken: { ...ITEM('/v1/tokens', '/rotate'), body: OVERLAP, wrong: '{"overlap":3600}', other: { body: '{"overlap":"P2D"}' } },
  listPrincipals: LIST('/v1/principals'),
  getPrincipal: NAMED('/v1/principals', 'cart-pipeline'),
  putPrincipal: {
    path: '/v1/principals/cart-pipeline',
    malformed: '/v1/principals/%00',
    body: PRINCIPAL,
    wrong: '{"kind":"robot"}',
    other: { path: '/v1/principals/new' },
    waiting: '/v1/principals/waits',
  },
  listChanges: LIST('/v1/changes'),
  getChange: ITEM('/v1/changes'),
  approveChange: { ...ITEM('/v1/changes', '/approve'), body: '{"comment":"Checked."}', wrong: '{"comment":""}' },
  rejectChange: { ...ITEM('/v1/changes', '/reject'), body: '{"reason":"No."}', wrong: '{}' },
  requestWaiver: {
    path: '/v1/waivers',
    body: waiver('Not reachable.'),
    wrong: '{"scope":{"rule":"vulnerabilities.max_severity"},"reason":"Forever."}',
    other: { body: waiver('again') },
  },
  listWaivers: LIST('/v1/waivers'),
  getWaiver: ITEM('/v1/waivers'),
  approveWaiver: { ...ITEM('/v1/waivers', '/approve'), body: '{"comment":"Checked."}', wrong: '{"comment":""}' },
  rejectWaiver: { ...ITEM('/v1/waivers', '/reject'), body: '{"reason":"No."}', wrong: '{}' },
  withdrawWaiver: { ...ITEM('/v1/waivers', '/withdraw'), body: '{"reason":"No."}', wrong: '{}' },
  revokeWaiver: { ...ITEM('/v1/waivers', '/revoke'), body: '{"reason":"No."}', wrong: '{}' },
  listIdentities: {
    path: '/v1/principals/cart-pipeline/identities',
    unknown: '/v1/principals/nobody/identities',
    malformed: '/v1/principals/%00/identities',
  },
  linkIdentity: {
    path: '/v1/principals/cart-pipeline/identities/email/ann%40example.com',
    unknown: '/v1/principals/nobody/identities/email/ann%40example.com',
    malformed: '/v1/principals/cart-pipeline/identities/email/%00',
    other: { path: '/v1/principals/cart-pipeline/identities/email/again%40example.com' },
    waiting: '/v1/principals/cart-pipeline/identities/email/waits',
  },
  unlinkIdentity: {
    path: '/v1/principals/cart-pipeline/identities/email/ann%40example.com',
    unknown: '/v1/principals/nobody/identities/email/ann%40example.com',
    malformed: '/v1/principals/cart-pipeline/identities/email/%00',
    waiting: '/v1/principals/cart-pipeline/identities/email/waits',
  },
  listIssuers: LIST('/v1/issuers'),
  getIssuer: NAMED('/v1/issuers', 'github'),
  putIssuer: {
    path: '/v1/issuers/github',
    malformed: '/v1/issuers/%00',
    body: ISSUER,
    wrong: '{"kind":"gitea","issuer":"https://git.example.com"}',
    other: { path: '/v1/issuers/new' },
    waiting: '/v1/issuers/waits',
  },
  deleteIssuer: { ...NAMED('/v1/issuers', 'github'), waiting: '/v1/issuers/waits' },
  whoami: LIST('/v1/whoami'),
  logIn: {
    path: '/auth/login',
    unknown: '/auth/login?issuer=nobody',
    malformed: '/auth/login?issuer=%00',
    other: { path: '/auth/login?issuer=okta&returnTo=%2Fdocs' },
  },
  completeLogin: {
    path: '/auth/callback/okta?state=s&code=c',
    unknown: '/auth/callback/nobody?state=s&code=c',
    malformed: '/auth/callback/..%2f..%2fetc%2fpasswd',
  },
  logOut: { path: '/auth/logout', headers: { cookie: 'portcullis_session=a', 'sec-fetch-site': 'same-origin' } },
  getHealth: LIST('/healthz'),
  getReadiness: LIST('/readyz'),
  getMetrics: LIST('/metrics'),
  getOpenapi: LIST('/openapi.yaml'),
  getDocs: LIST('/docs'),
  getDocsAsset: { path: '/docs/docs.css', malformed: '/docs/docs.txt' },
}
