import { indexByKey, refuseChanges, type Migration, type Types } from './migration.ts'

/** The first schema: log, decisions, evidence, principals, tokens and issuers, bindings, projects and teams. */
export const initial: Migration = {
  number: 1,
  breaking: true,
  statements: (types) => [
    ...(types.engine === 'postgres' ? [REFUSE_CHANGE] : []),
    ...system(types),
    ...log(types),
    ...decisions(types),
    ...reviews(types),
    ...approvals(types),
    ...deployments(types),
    ...evidence(types),
    ...auth(types),
    ...changes(types),
    ...blocks(types),
    ...policy(types),
    ...ownership(types),
    ...waivers(types),
    ...calendars(types),
    ...operations(types),
    ...resources(types),
  ],
}

const REFUSE_CHANGE = `create function refuse_change() returns trigger language plpgsql as $$
  begin raise exception 'rows of % are never changed (%)', tg_table_name, lower(tg_op) using errcode = 'restrict_violation'; end $$`

function system({ text, integer, bytes, table, keyed }: Types): string[] {
  return [
    `create table counters (name ${text} not null primary key, value ${integer} not null) ${keyed}`,
    `insert into counters (name, value) values
      ('evidence', 0), ('revision.evidence', 0), ('revision.tokens', 0), ('revision.bindings', 0), ('revision.ownership', 0),
      ('revision.issuers', 0), ('revision.policies', 0), ('revision.waivers', 0), ('revision.approvals', 0),
      ('revision.calendars', 0), ('revision.blocks', 0)`,
    `create table settings (name ${text} not null primary key, value ${text} not null) ${keyed}`,
    `create table idempotency (
      principal_id ${text} not null, method ${text} not null, path ${text} not null, key ${text} not null,
      fingerprint ${text} not null, resource_id ${text} not null, sealed ${text}, expires_at ${integer} not null,
      primary key (principal_id, key, path, method)) ${keyed}`,
    'create index idempotency_by_expiry on idempotency (expires_at)',
    `create table blobs (digest ${text} not null primary key, body ${bytes} not null) ${table}`,
  ]
}

/** SHA-256 of nothing: the root of an empty tree (RFC 6962, section 2.1). */
const EMPTY_ROOT = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

function hex({ engine }: Types, digits: string): string {
  return engine === 'sqlite' ? `x'${digits}'` : `'\\x${digits}'::bytea`
}

function log(types: Types): string[] {
  const { text, integer, bytes, table, keyed } = types
  return [
    `create table log_entries (
      idx ${integer} not null primary key, type ${text} not null, at ${text} not null, actor ${text} not null,
      subject ${text}, stage ${text}, environment ${text}, repository ${text}, leaf ${text} not null, leaf_hash ${bytes} not null) ${table}`,
    indexByKey(types, 'log_entries', ['type'], 'idx'),
    indexByKey(types, 'log_entries', ['actor'], 'idx'),
    indexByKey(types, 'log_entries', ['subject'], 'idx', 'subject is not null'),
    indexByKey(types, 'log_entries', ['stage'], 'idx', 'stage is not null'),
    indexByKey(types, 'log_entries', ['environment'], 'idx', 'environment is not null'),
    // With the type, of which there are few: a list without one walks all of them side by side.
    indexByKey(types, 'log_entries', ['repository', 'type'], 'idx', 'repository is not null'),
    `create table log_details (
      idx ${integer} not null, field ${text} not null, salt ${text} not null, value ${text} not null, primary key (idx, field)) ${keyed}`,
    `create table log_records (idx ${integer} not null primary key, record ${text} not null) ${table}`,
    `create table log_nodes (level ${integer} not null, idx ${integer} not null, hash ${bytes} not null, primary key (level, idx)) ${keyed}`,
    `create table log_tree (
      id ${integer} not null primary key, size ${integer} not null, frontier ${bytes} not null, root ${bytes} not null) ${table}`,
    `insert into log_tree (id, size, frontier, root) values (1, 0, ${hex(types, '')}, ${hex(types, EMPTY_ROOT)})`,
    `create table log_spans (
      bucket ${integer} not null primary key, first_idx ${integer} not null, last_idx ${integer} not null) ${table}`,
    ...refuseChanges(types, 'log_entries'),
    ...refuseChanges(types, 'log_details', ['update']),
    ...refuseChanges(types, 'log_records'),
    ...refuseChanges(types, 'log_nodes'),
  ]
}

function decisions(types: Types): string[] {
  const { text, integer, bytes, serial, table, keyed } = types
  return [
    `create table decisions (
      log_index ${integer} not null primary key, id ${text} not null unique, subject ${text} not null, stage ${text} not null,
      environment ${text} not null, repository ${text}, verdict ${text} not null, enforced ${integer} not null,
      at ${text} not null, expires_at ${text} not null, actor ${text} not null) ${table}`,
    indexByKey(types, 'decisions', ['subject'], 'log_index'),
    indexByKey(types, 'decisions', ['verdict'], 'log_index'),
    // With the verdict, since the denials of a place are what is looked for; without one, both are read side by side.
    ...['stage', 'environment', 'repository', 'actor'].map((column) => indexByKey(types, 'decisions', [column, 'verdict'], 'log_index')),
    `create table decision_inputs (log_index ${integer} not null primary key, input ${text} not null) ${table}`,
    `create table decision_rules (rule ${text} not null, log_index ${integer} not null, primary key (rule, log_index)) ${keyed}`,
    `create table decision_objections (
      binding ${text} not null, log_index ${integer} not null, rule ${text} not null, primary key (binding, log_index, rule)) ${keyed}`,
    `create table decision_controls (control ${text} not null, log_index ${integer} not null, primary key (control, log_index)) ${keyed}`,
    `create table decision_context (
      key ${text} not null, value ${text} not null, log_index ${integer} not null, primary key (key, value, log_index)) ${keyed}`,
    `create table decision_grounds (
      kind ${text} not null, ground ${text} not null, log_index ${integer} not null, primary key (kind, ground, log_index)) ${keyed}`,
    `create table decision_voids (log_index ${integer} not null primary key, at ${text} not null) ${table}`,
    `create table revoked_grounds (kind ${text} not null, ground ${text} not null, at ${text} not null, primary key (kind, ground)) ${keyed}`,
    `create table decision_repositories (name ${text} not null primary key) ${keyed}`,
    `create table newest_decisions (
      subject ${text} not null, stage ${text} not null, environment ${text} not null, repository ${text} not null,
      log_index ${integer} not null, primary key (subject, stage, environment, repository)) ${keyed}`,
    `create table baseline_sets (digest ${text} not null primary key, body ${bytes} not null) ${table}`,
    `create table baseline_heads (
      no ${serial}, baseline ${text} not null, lane ${text} not null, repository ${text} not null, class ${text} not null,
      tool ${text} not null, name ${text} not null, set_digest ${text} not null, initial ${integer} not null,
      remaining ${integer} not null, compared_at ${integer} not null, history_at ${text} not null, created_at ${text} not null, updated_at ${text} not null) ${table}`,
    'create unique index baseline_heads_by_identity on baseline_heads (baseline, lane)',
    'create index baseline_heads_by_repository on baseline_heads (repository, baseline)',
    ...[
      ...['decisions', 'decision_inputs', 'decision_rules', 'decision_objections', 'decision_controls', 'decision_context'],
      ...['decision_grounds', 'decision_voids', 'baseline_sets'],
    ].flatMap((name) => refuseChanges(types, name)),
  ]
}

function reviews(types: Types): string[] {
  const { text, integer, table } = types
  return [
    `create table reviews (
      log_index ${integer} not null primary key, state ${text} not null, opened_at ${text} not null, close_index ${integer}) ${table}`,
    indexByKey(types, 'reviews', ['state'], 'log_index'),
    ...refuseChanges(types, 'reviews', ['delete']),
  ]
}

function approvals(types: Types): string[] {
  const { text, serial, table, keyed } = types
  return [
    `create table approvals (
      no ${serial}, id ${text} not null unique, kind ${text} not null, subject ${text} not null, place ${text} not null,
      stage ${text} not null, environment ${text} not null, repository ${text} not null, state ${text} not null, given_by ${text} not null,
      expires_at ${text} not null, record ${text} not null) ${table}`,
    ...['subject', 'state', 'given_by', 'repository'].map((column) => indexByKey(types, 'approvals', [column], 'no')),
    `create table approval_waits (
      subject ${text} not null, place ${text} not null, repository ${text} not null, since ${text} not null,
      primary key (subject, place, repository)) ${keyed}`,
    'create index approval_waits_by_since on approval_waits (since)',
    ...refuseChanges(types, 'approvals', ['delete']),
  ]
}

function deployments(types: Types): string[] {
  const { text, integer, table, keyed } = types
  return [
    `create table deployments (
      log_index ${integer} not null primary key, id ${text} not null unique, subject ${text} not null, environment ${text} not null,
      target ${text} not null, repository ${text} not null, basis ${text} not null, standing ${text} not null, received_at ${text} not null,
      finish_index ${integer}, succeeded_at ${text}) ${table}`,
    // With basis and standing, of which there are few: a list that asks for none reads all of them side by side.
    indexByKey(types, 'deployments', ['basis', 'standing'], 'log_index'),
    ...['subject', 'environment', 'repository', 'target'].map((column) =>
      indexByKey(types, 'deployments', [column, 'basis', 'standing'], 'log_index'),
    ),
    `create unique index deployments_current on deployments (environment, target, repository) where standing = 'current'`,
    `create index deployments_relied_on on deployments (environment, repository, succeeded_at)
      where basis = 'decision' and succeeded_at is not null`,
    // In which order what was deployed where.
    'create index deployments_in_order on deployments (environment, repository, target, basis, log_index)',
    'create index deployments_of_place on deployments (environment, repository, log_index)',
    `create table deployment_repositories (name ${text} not null primary key) ${keyed}`,
    ...refuseChanges(types, 'deployments', ['delete']),
  ]
}

function evidence(types: Types): string[] {
  const { text, integer, bytes, serial, table, keyed } = types
  return [
    `create table evidence (
      no ${integer} not null primary key, id ${text} not null unique, digest ${text} not null, subject ${text} not null,
      format ${text} not null, name ${text} not null, kind ${text} not null, completeness ${text} not null,
      submitted_by ${text} not null, received_at ${text} not null, record ${text} not null) ${table}`,
    'create unique index evidence_by_identity on evidence (digest, subject, format, name)',
    ...['subject', 'kind', 'format', 'name', 'completeness', 'submitted_by', 'received_at'].map((column) =>
      indexByKey(types, 'evidence', [column], 'no'),
    ),
    `create table evidence_documents (
      evidence_no ${integer} not null, part ${integer} not null, body ${bytes} not null, primary key (evidence_no, part)) ${table}`,
    `create table findings (
      evidence_no ${integer} not null, seq ${integer} not null, class ${text} not null, vulnerability ${text} not null, purl ${text},
      package ${text}, severity ${text} not null, fixed ${integer} not null, suppressed ${integer} not null,
      primary key (evidence_no, seq)) ${keyed}`,
    `create table observation_scopes (id ${serial}, globs ${text} not null unique) ${table}`,
    `create table observations (
      no ${serial}, id ${text} not null unique, evidence_no ${integer} not null references evidence (no), at ${text} not null,
      repository ${text} not null, tool ${text} not null, name ${text} not null, complete ${integer} not null,
      scope_id ${integer} not null, coverage ${integer} not null, record ${text} not null) ${table}`,
    indexByKey(types, 'observations', ['evidence_no'], 'no'),
    'create index observations_by_scope on observations (scope_id, evidence_no)',
    'create index observations_by_lane on observations (scope_id, tool, name, at) where complete = 1',
    'create index observations_of_coverage on observations (repository, at) where coverage = 1',
    `create table links (
      no ${serial}, from_id ${text} not null, to_id ${text} not null, kind ${text} not null, proof ${text} not null,
      platform ${text}, declared_by ${text} not null, declarer_groups ${text} not null, scope ${text} not null, at ${text} not null) ${table}`,
    'create unique index links_by_identity on links (from_id, to_id, kind, proof, declared_by, scope)',
    'create index links_by_target on links (to_id)',
    `create table aliases (subject ${text} not null, name ${text} not null, at ${text} not null, primary key (subject, name)) ${keyed}`,
    `create table first_seen (
      repository ${text} not null, finding ${text} not null, at ${integer} not null, primary key (repository, finding)) ${keyed}`,
    ...['evidence', 'observations'].flatMap((name) => refuseChanges(types, name)),
    ...refuseChanges(types, 'links', ['update']),
  ]
}

function auth(types: Types): string[] {
  const { text, integer, serial, table, keyed } = types
  return [
    `create table principals (no ${serial}, id ${text} not null unique, name ${text} not null unique,
      admin_login_at ${text}, record ${text} not null) ${table}`,
    'create index principals_by_admin_login on principals (admin_login_at) where admin_login_at is not null',
    `create table principal_groups (
      name ${text} not null, principal_id ${text} not null references principals (id), primary key (name, principal_id)) ${keyed}`,
    'create index principal_groups_by_principal on principal_groups (principal_id)',
    `create table identities (
      kind ${text} not null, key ${text} not null, principal_id ${text} not null references principals (id), primary key (kind, key)) ${keyed}`,
    'create index identities_by_key on identities (key)',
    `create table tokens (
      no ${serial}, id ${text} not null unique, hash ${text} not null unique, principal_id ${text} not null references principals (id),
      kind ${text} not null, family_id ${text} not null, issued_with ${text}, created_at ${text} not null, expires_at ${text},
      superseded_by ${text}, overlap_until ${text}, revoked_at ${text}, last_used_at ${text}, admin ${integer} not null, record ${text} not null) ${table}`,
    ...['principal_id', 'family_id'].map((column) => indexByKey(types, 'tokens', [column], 'no')),
    indexByKey(types, 'tokens', ['issued_with'], 'no', 'issued_with is not null'),
    'create index tokens_of_administrators on tokens (principal_id) where admin = 1',
    `create index tokens_given on tokens (hash) where issued_with is null and kind = 'token'`,
    // What the metrics count by, and nothing else; logins, of which there may be very many, are not in them.
    `create index tokens_by_end on tokens (expires_at) where revoked_at is null and superseded_by is null and kind <> 'session'`,
    `create index tokens_by_last_sign on tokens (coalesce(last_used_at, created_at), expires_at)
      where revoked_at is null and superseded_by is null and kind <> 'session'`,
    `create table used_jwts (id ${text} not null primary key, until ${integer} not null) ${keyed}`,
    'create index used_jwts_by_end on used_jwts (until)',
    ...revised(types, 'issuer'),
    `create table logins (
      principal_id ${text} not null references principals (id), provider ${text} not null, record ${text} not null,
      primary key (principal_id, provider)) ${keyed}`,
  ]
}

function changes(types: Types): string[] {
  const { text, integer, serial, table, keyed } = types
  return [
    `create table target_revisions (target ${text} not null primary key, revision ${integer} not null) ${keyed}`,
    `create table changes (
      no ${serial}, id ${text} not null unique, kind ${text} not null, target ${text} not null, state ${text} not null,
      proposed_by ${text} not null, expires_at ${text} not null, record ${text} not null) ${table}`,
    ...['state', 'kind', 'target', 'proposed_by'].map((column) => indexByKey(types, 'changes', [column], 'no')),
    ...refuseChanges(types, 'changes', ['delete']),
  ]
}

function blocks(types: Types): string[] {
  const { text, serial, table } = types
  return [
    `create table blocks (
      no ${serial}, id ${text} not null unique, subject ${text} not null, expires_at ${text}, lifted_at ${text}, lifted_by ${text},
      record ${text} not null) ${table}`,
    indexByKey(types, 'blocks', ['subject'], 'no'),
    'create index blocks_not_lifted on blocks (expires_at) where lifted_at is null',
    ...refuseChanges(types, 'blocks', ['delete']),
  ]
}

function policy(types: Types): string[] {
  const { text, bytes, serial, table, keyed } = types
  return [
    ...revised(types, 'binding'),
    `create table policies (
      name ${text} not null primary key, origin ${text} not null, latest ${text}, created_at ${text} not null,
      updated_at ${text} not null, updated_by ${text} not null) ${keyed}`,
    `create table policy_versions (no ${serial}, name ${text} not null, digest ${text} not null, record ${text} not null) ${table}`,
    'create unique index policy_versions_by_digest on policy_versions (name, digest)',
    indexByKey(types, 'policy_versions', ['name'], 'no'),
    `create table policy_blobs (digest ${text} not null primary key, body ${bytes} not null) ${table}`,
    ...['policy_versions', 'policy_blobs'].flatMap((name) => refuseChanges(types, name)),
  ]
}

function calendars(types: Types): string[] {
  return [...revised(types, 'window'), ...revised(types, 'freeze')]
}

function resources({ text, integer, keyed }: Types): string[] {
  return [
    `create table applied_resources (
      kind ${text} not null, name ${text} not null, set_name ${text} not null, revision ${integer} not null, commit_id ${text},
      at ${text} not null, primary key (kind, name)) ${keyed}`,
  ]
}

function ownership(types: Types): string[] {
  return [...revised(types, 'project'), ...revised(types, 'team')]
}

function waivers(types: Types): string[] {
  const { text, serial, table } = types
  return [
    `create table waivers (
      no ${serial}, id ${text} not null unique, state ${text} not null, rule ${text} not null, vulnerability ${text}, subject ${text},
      repository ${text}, environment ${text}, stage ${text}, requested_by ${text} not null, request_digest ${text} not null,
      expires_at ${text} not null, approved_at ${text}, revoked_at ${text}, record ${text} not null) ${table}`,
    ...['state', 'rule', 'requested_by', 'request_digest'].map((column) => indexByKey(types, 'waivers', [column], 'no')),
    ...['vulnerability', 'subject', 'repository', 'environment'].map((column) =>
      indexByKey(types, 'waivers', [column], 'no', `${column} is not null`),
    ),
    'create index waivers_by_end on waivers (expires_at)',
    ...refuseChanges(types, 'waivers', ['delete']),
  ]
}

function operations(types: Types): string[] {
  const { text, integer, serial, table, keyed } = types
  return [
    `create table operations (
      no ${serial}, id ${text} not null unique, kind ${text} not null, state ${text} not null, owner ${text} not null, record ${text} not null,
      done ${integer} not null, total ${integer} not null, checkpoint ${text} not null, result ${text} not null, error ${text} not null,
      started_at ${text}, finished_at ${text}, attempts ${integer} not null, runner ${text}, leased_until ${integer} not null) ${table}`,
    ...['owner', 'kind', 'state'].map((column) => indexByKey(types, 'operations', [column], 'no')),
    `create table operation_items (
      operation_no ${integer} not null, no ${integer} not null, item ${text} not null, primary key (operation_no, no)) ${keyed}`,
  ]
}

/** A table of named records, and one of every state that each of them ever had. */
function revised(types: Types, kind: string): string[] {
  const { text, integer, serial, table, keyed } = types
  return [
    `create table ${kind}s (name ${text} not null primary key, revision ${integer} not null, record ${text} not null) ${keyed}`,
    `create table ${kind}_revisions (
      no ${serial}, name ${text} not null, revision ${integer} not null, record ${text}, at ${text} not null) ${table}`,
    `create unique index ${kind}_revisions_by_name on ${kind}_revisions (name, revision)`,
    ...refuseChanges(types, `${kind}_revisions`),
  ]
}
