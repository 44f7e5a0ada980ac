export type Cell = string | number | null | Uint8Array

/** A table that rows are inserted into many at a time, and what the cells of a row are. */
export interface BulkTable {
  name: string
  columns: readonly (readonly [name: string, type: 'text' | 'bigint' | 'bytea'])[]
  /** What happens to a row whose key exists, as the end of the INSERT; without it the insert fails. */
  onConflict?: string
}

/** Rows of the hot path and of large reports, in the order in which they are flushed. */
export const BULK = {
  logEntries: {
    name: 'log_entries',
    columns: [
      ['idx', 'bigint'],
      ['type', 'text'],
      ['at', 'text'],
      ['actor', 'text'],
      ['subject', 'text'],
      ['stage', 'text'],
      ['environment', 'text'],
      ['repository', 'text'],
      ['leaf', 'text'],
      ['leaf_hash', 'bytea'],
    ],
  },
  logDetails: {
    name: 'log_details',
    columns: [
      ['idx', 'bigint'],
      ['field', 'text'],
      ['salt', 'text'],
      ['value', 'text'],
    ],
  },
  logRecords: {
    name: 'log_records',
    columns: [
      ['idx', 'bigint'],
      ['record', 'text'],
    ],
  },
  logNodes: {
    name: 'log_nodes',
    columns: [
      ['level', 'bigint'],
      ['idx', 'bigint'],
      ['hash', 'bytea'],
    ],
  },
  logSpans: {
    name: 'log_spans',
    columns: [
      ['bucket', 'bigint'],
      ['first_idx', 'bigint'],
      ['last_idx', 'bigint'],
    ],
    // An index is never below one that was given out before, so the first one stays.
    onConflict: 'on conflict (bucket) do update set last_idx = excluded.last_idx',
  },
  decisions: {
    name: 'decisions',
    columns: [
      ['log_index', 'bigint'],
      ['id', 'text'],
      ['subject', 'text'],
      ['stage', 'text'],
      ['environment', 'text'],
      ['repository', 'text'],
      ['verdict', 'text'],
      ['enforced', 'bigint'],
      ['at', 'text'],
      ['expires_at', 'text'],
      ['actor', 'text'],
    ],
  },
  decisionInputs: {
    name: 'decision_inputs',
    columns: [
      ['log_index', 'bigint'],
      ['input', 'text'],
    ],
  },
  decisionRules: {
    name: 'decision_rules',
    columns: [
      ['rule', 'text'],
      ['log_index', 'bigint'],
    ],
  },
  decisionObjections: {
    name: 'decision_objections',
    columns: [
      ['binding', 'text'],
      ['log_index', 'bigint'],
      ['rule', 'text'],
    ],
  },
  decisionControls: {
    name: 'decision_controls',
    columns: [
      ['control', 'text'],
      ['log_index', 'bigint'],
    ],
  },
  decisionContext: {
    name: 'decision_context',
    columns: [
      ['key', 'text'],
      ['value', 'text'],
      ['log_index', 'bigint'],
    ],
  },
  decisionGrounds: {
    name: 'decision_grounds',
    columns: [
      ['kind', 'text'],
      ['ground', 'text'],
      ['log_index', 'bigint'],
    ],
  },
  decisionRepositories: {
    name: 'decision_repositories',
    columns: [['name', 'text']],
    onConflict: 'on conflict do nothing',
  },
  newestDecisions: {
    name: 'newest_decisions',
    columns: [
      ['subject', 'text'],
      ['stage', 'text'],
      ['environment', 'text'],
      ['repository', 'text'],
      ['log_index', 'bigint'],
    ],
    onConflict: 'on conflict (subject, stage, environment, repository) do update set log_index = excluded.log_index',
  },
  reviews: {
    name: 'reviews',
    columns: [
      ['log_index', 'bigint'],
      ['state', 'text'],
      ['opened_at', 'text'],
      ['close_index', 'bigint'],
    ],
  },
  approvalWaits: {
    name: 'approval_waits',
    columns: [
      ['subject', 'text'],
      ['place', 'text'],
      ['repository', 'text'],
      ['since', 'text'],
    ],
    // What was waited for first counts.
    onConflict: 'on conflict do nothing',
  },
  baselineSets: {
    name: 'baseline_sets',
    columns: [
      ['digest', 'text'],
      ['body', 'bytea'],
    ],
    onConflict: 'on conflict do nothing',
  },
  baselineHeads: {
    name: 'baseline_heads',
    columns: [
      ['baseline', 'text'],
      ['lane', 'text'],
      ['repository', 'text'],
      ['class', 'text'],
      ['tool', 'text'],
      ['name', 'text'],
      ['set_digest', 'text'],
      ['initial', 'bigint'],
      ['remaining', 'bigint'],
      ['compared_at', 'bigint'],
      ['history_at', 'text'],
      ['created_at', 'text'],
      ['updated_at', 'text'],
    ],
    onConflict: `on conflict (baseline, lane) do update set set_digest = excluded.set_digest, initial = excluded.initial,
      remaining = excluded.remaining, compared_at = excluded.compared_at, history_at = excluded.history_at, updated_at = excluded.updated_at`,
  },
  idempotency: {
    name: 'idempotency',
    columns: [
      ['principal_id', 'text'],
      ['method', 'text'],
      ['path', 'text'],
      ['key', 'text'],
      ['fingerprint', 'text'],
      ['resource_id', 'text'],
      ['sealed', 'text'],
      ['expires_at', 'bigint'],
    ],
  },
  links: {
    name: 'links',
    columns: [
      ['from_id', 'text'],
      ['to_id', 'text'],
      ['kind', 'text'],
      ['proof', 'text'],
      ['platform', 'text'],
      ['declared_by', 'text'],
      ['declarer_groups', 'text'],
      ['scope', 'text'],
      ['at', 'text'],
    ],
    onConflict: 'on conflict do nothing',
  },
  evidenceDocuments: {
    name: 'evidence_documents',
    columns: [
      ['evidence_no', 'bigint'],
      ['part', 'bigint'],
      ['body', 'bytea'],
    ],
  },
  findings: {
    name: 'findings',
    columns: [
      ['evidence_no', 'bigint'],
      ['seq', 'bigint'],
      ['class', 'text'],
      ['vulnerability', 'text'],
      ['purl', 'text'],
      ['package', 'text'],
      ['severity', 'text'],
      ['fixed', 'bigint'],
      ['suppressed', 'bigint'],
    ],
  },
  firstSeen: {
    name: 'first_seen',
    columns: [
      ['repository', 'text'],
      ['finding', 'text'],
      ['at', 'bigint'],
    ],
    onConflict: 'on conflict do nothing',
  },
} as const satisfies Record<string, BulkTable>
