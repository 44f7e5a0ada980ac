import type { ApprovalTable, ApprovalWaitTable } from './approvals.ts'
import type { IdentityTable, LoginTable, PrincipalGroupTable, PrincipalTable, TokenTable, UsedJwtTable } from './auth.ts'
import type { BaselineHeadTable, BaselineSetTable } from './baselines.ts'
import type { BlockTable } from './blocks.ts'
import type { ChangeTable, TargetRevisionTable } from './changes.ts'
import type {
  DecisionContextTable,
  DecisionGroundTable,
  DecisionControlTable,
  DecisionInputTable,
  DecisionObjectionTable,
  DecisionRepositoryTable,
  DecisionRuleTable,
  DecisionTable,
  DecisionVoidTable,
  NewestDecisionTable,
  RevokedGroundTable,
} from './decisions.ts'
import type { DeploymentRepositoryTable, DeploymentTable } from './deployments.ts'
import type {
  AliasTable,
  EvidenceDocumentTable,
  EvidenceTable,
  FindingTable,
  FirstSeenTable,
  LinkTable,
  ObservationScopeTable,
  ObservationTable,
  StagedEvidenceTable,
} from './evidence.ts'
import type { LogDetailTable, LogEntryTable, LogNodeTable, LogRecordTable, LogSpanTable, LogTreeTable } from './log.ts'
import type { PolicyBlobTable, PolicyTable, PolicyVersionTable } from './policies.ts'
import type { ReviewTable } from './reviews.ts'
import type { OperationItemTable, OperationTable } from './operations.ts'
import type { AppliedResourceTable } from './resources.ts'
import type { RevisedTable, RevisionTable } from './revised.ts'
import type { BlobTable, CounterTable, IdempotencyTable, SchemaMigrationTable, SettingTable } from './system.ts'
import type { WaiverTable } from './waivers.ts'

/** Every table, as Kysely sees it. The same on both engines. */
export interface Database {
  schema_migrations: SchemaMigrationTable
  counters: CounterTable
  settings: SettingTable
  idempotency: IdempotencyTable
  blobs: BlobTable
  log_entries: LogEntryTable
  log_details: LogDetailTable
  log_records: LogRecordTable
  log_nodes: LogNodeTable
  log_tree: LogTreeTable
  log_spans: LogSpanTable
  decisions: DecisionTable
  decision_inputs: DecisionInputTable
  decision_rules: DecisionRuleTable
  decision_objections: DecisionObjectionTable
  decision_controls: DecisionControlTable
  decision_context: DecisionContextTable
  decision_grounds: DecisionGroundTable
  decision_voids: DecisionVoidTable
  revoked_grounds: RevokedGroundTable
  decision_repositories: DecisionRepositoryTable
  newest_decisions: NewestDecisionTable
  reviews: ReviewTable
  approvals: ApprovalTable
  approval_waits: ApprovalWaitTable
  deployments: DeploymentTable
  deployment_repositories: DeploymentRepositoryTable
  baseline_sets: BaselineSetTable
  baseline_heads: BaselineHeadTable
  evidence: EvidenceTable
  evidence_documents: EvidenceDocumentTable
  staged_evidence: StagedEvidenceTable
  findings: FindingTable
  observations: ObservationTable
  observation_scopes: ObservationScopeTable
  links: LinkTable
  aliases: AliasTable
  first_seen: FirstSeenTable
  principals: PrincipalTable
  principal_groups: PrincipalGroupTable
  identities: IdentityTable
  target_revisions: TargetRevisionTable
  changes: ChangeTable
  blocks: BlockTable
  logins: LoginTable
  tokens: TokenTable
  issuers: RevisedTable
  issuer_revisions: RevisionTable
  bindings: RevisedTable
  binding_revisions: RevisionTable
  policies: PolicyTable
  policy_versions: PolicyVersionTable
  policy_blobs: PolicyBlobTable
  projects: RevisedTable
  project_revisions: RevisionTable
  teams: RevisedTable
  team_revisions: RevisionTable
  windows: RevisedTable
  window_revisions: RevisionTable
  freezes: RevisedTable
  freeze_revisions: RevisionTable
  applied_resources: AppliedResourceTable
  used_jwts: UsedJwtTable
  waivers: WaiverTable
  operations: OperationTable
  operation_items: OperationItemTable
}
