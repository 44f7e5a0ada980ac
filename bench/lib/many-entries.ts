import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'

/** Where a log with its tables lies: its schema is there, and leaf 0. */
export type Place = { dataDir: string; databaseUrl?: string }

/**
 * Fills the tables that lists read with entries 1 to `count` by plain SQL, which takes seconds where committing them would take hours: of twenty
 * entries seventeen are decisions. They are about 5,000 repositories `code.example/orgA/rB`, but the first 3,000 about 300 repositories
 * `code.example/rare/rB`, which nothing is about ever after.
 */
export async function fillLog({ dataDir, databaseUrl }: Place, count: number): Promise<void> {
  if (databaseUrl === undefined) {
    using database = new DatabaseSync(`${dataDir}/portcullis.db`)
    database.exec('pragma synchronous = off')
    const numbers = `create temp table numbers as with recursive n (i) as (select 1 union all select i + 1 from n where i < ${count}) select i from n`
    for (const statement of [numbers, ...statements('temp.numbers', "x'00'", count)]) database.exec(statement)
    return
  }
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    const numbers = `generate_series(1, ${count}::bigint) as numbers (i)`
    for (const statement of [...statements(numbers, "decode('00', 'hex')", count), 'analyze']) await client.query(statement)
  } finally {
    await client.end()
  }
}

/** Of the repository; every type of entry has all of them. */
const NUMBER = '((i / 20 * 7919 + i) % 5000)'
const REPOSITORY = `case when i < 3000 then 'code.example/rare/r' || (i % 300)
  else 'code.example/org' || (${NUMBER} % 50) || '/r' || ${NUMBER} end`
const TYPE = `case i % 20 when 3 then 'evidence.received' when 7 then 'deployment.started' when 8 then 'deployment.finished' else 'decision' end`
const AT = `'2026-03-01T12:00:00.000Z'`
const SCOPE = `'["' || ${REPOSITORY} || '"]'`

function statements(numbers: string, hash: string, count: number): string[] {
  const each = (type: string): string => `from ${numbers} where ${TYPE} = '${type}'`
  return [
    `insert into log_entries (idx, type, at, actor, subject, stage, environment, repository, leaf, leaf_hash)
      select i, ${TYPE}, ${AT}, 'actor' || (i % 100), 'sha256:' || i, 'production', 'production', ${REPOSITORY}, '{}', ${hash} from ${numbers}`,
    `insert into log_records (idx, record) select i, '{"id":"' || i || '"}' from ${numbers}`,
    `insert into decisions (log_index, id, subject, stage, environment, repository, verdict, enforced, at, expires_at, actor)
      select i, 'd' || i, 'sha256:' || i, 'production', 'production', ${REPOSITORY}, case when i % 7 = 0 then 'deny' else 'allow' end, 1,
        ${AT}, ${AT}, 'actor' || (i % 100) ${each('decision')}`,
    'insert into decision_repositories (name) select distinct repository from decisions',
    `insert into deployments (log_index, id, subject, environment, target, repository, basis, standing, received_at)
      select i, 'p' || i, 'sha256:' || i, 'production', '', ${REPOSITORY}, case when i % 40 < 20 then 'decision' else 'none' end,
        case when i % 80 < 40 then 'superseded' else 'failed' end, ${AT} ${each('deployment.started')}`,
    'insert into deployment_repositories (name) select distinct repository from deployments',
    `insert into observation_scopes (globs) select distinct ${SCOPE} ${each('evidence.received')}`,
    `insert into evidence (no, id, digest, subject, format, name, kind, completeness, submitted_by, received_at, record)
      select i, 'e' || i, 'sha256:e' || i, 'sha256:' || i, 'trivy', '', 'vulnerabilities', 'complete', 'ci', ${AT}, '{"id":"e' || i || '"}'
        ${each('evidence.received')}`,
    `insert into observations (id, evidence_no, at, repository, tool, name, complete, scope_id, coverage, record)
      select 'o' || i, i, ${AT}, ${REPOSITORY}, 'trivy', '', 1, (select id from observation_scopes where globs = ${SCOPE}), 0, '{}'
        ${each('evidence.received')}`,
    `update log_tree set size = ${count + 1}`,
  ]
}
