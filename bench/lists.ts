import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { canonicalDigest } from '../src/core/canonical-json.ts'
import { openStorage, type Storage } from '../src/storage/storage.ts'
import { startPostgres } from '../test/support/postgres.ts'
import { describeMachine } from './lib/machine.ts'
import { fillLog, type Place } from './lib/many-entries.ts'
import { median, table } from './lib/table.ts'

/** `npm run bench:lists [-- ENTRIES]`: the first page of lists that are narrowed to a project, of a log of a million entries, on both databases. */
async function measureLists(count: number): Promise<void> {
  process.stdout.write(
    `${describeMachine()}; ${count.toLocaleString('en-US')} entries, the first 50; ms, median of ${TIMES} after the first\n`,
  )
  const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-lists-'))
  try {
    await measureOn('SQLite', { dataDir }, count)
    const { server, skip } = await startPostgres()
    if (!server) {
      process.stdout.write(`PostgreSQL: ${skip}\n`)
      return
    }
    await using running = server
    await measureOn('PostgreSQL', { dataDir, databaseUrl: await running.createDatabase() }, count)
  } finally {
    rmSync(dataDir, { recursive: true, force: true })
  }
}

/** What a project holds: the globs of its repositories. */
const PROJECTS: Readonly<Record<string, readonly string[]>> = {
  '1 repository': ['code.example/org7/r7'],
  '100 repositories': ['code.example/org1/*'],
  '300, only long ago': ['code.example/rare/*'],
  '1,000 repositories': Array.from({ length: 10 }, (_, at) => `code.example/org${at}/*`),
  'all 5,300': ['**'],
}

const PAGE = { limit: 50 }
const TIMES = 9

const LISTS: Readonly<Record<string, (storage: Storage, owned: readonly string[]) => Promise<unknown>>> = {
  decisions: ({ decisions }, owned) => decisions.list({ owned }, PAGE),
  denials: ({ decisions }, owned) => decisions.list({ owned, verdict: 'deny' }, PAGE),
  deployments: ({ deployments }, owned) => deployments.list({ owned }, PAGE),
  evidence: ({ evidence }, owned) => evidence.list({ owned }, PAGE),
  audit: ({ log }, owned) => log.entries({ owned }, PAGE),
  'audit, by type': ({ log }, owned) => log.entries({ owned, type: 'deployment.finished' }, PAGE),
  'audit, by actor': ({ log }, owned) => log.entries({ owned, actor: 'actor7' }, PAGE),
}

async function measureOn(engine: string, place: Place, count: number): Promise<void> {
  await (await open(place))[Symbol.asyncDispose]()
  await fillLog(place, count)
  await using storage = await open(place)
  const rows = [[engine, ...Object.keys(LISTS)]]
  for (const [name, owned] of Object.entries(PROJECTS)) {
    const figures: string[] = []
    for (const list of Object.values(LISTS)) figures.push((await time(() => list(storage, owned))).toFixed(1))
    rows.push([name, ...figures])
  }
  process.stdout.write(`\n${table(rows)}\n`)
}

function open(place: Place): Promise<Storage> {
  const body = { origin: 'bench' }
  const created = { type: 'log.created', at: '2026-01-01T00:00:00.000Z', actor: 'system', detail: {} } as const
  return openStorage({ ...place, log: { created: { ...created, body: { digest: canonicalDigest(body), ...body } } } })
}

/** @returns milliseconds */
async function time(act: () => Promise<unknown>): Promise<number> {
  await act()
  const times: number[] = []
  for (let run = 0; run < TIMES; run++) {
    const start = performance.now()
    await act()
    times.push(performance.now() - start)
  }
  return median(times)
}

await measureLists(Number(process.argv[2] ?? 1_000_000))
