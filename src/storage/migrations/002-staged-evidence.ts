import type { Migration } from './migration.ts'

/** When the parts of a large report were begun to be written ahead of the evidence that they belong to: what stays here was never recorded. */
export const stagedEvidence: Migration = {
  number: 2,
  breaking: false,
  statements: ({ integer, table }) => [
    `create table staged_evidence (no ${integer} not null primary key, at ${integer} not null) ${table}`,
    'create index staged_evidence_by_time on staged_evidence (at)',
  ],
}
