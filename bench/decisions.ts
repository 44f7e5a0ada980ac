/**
 * `npm run bench [-- --seconds 4 --rounds 3 --sizes 2,18,180 --connections 1,16,64 --skip-postgres]`: our decisions, each committed before its
 * reply, beside `opa run --server`, which records nothing, on the same Rego and the same composed input, in one run on this machine. Prints a table with ratios;
 * exits with 1 if a target of docs/performance.md was missed. Linux only: it reads /proc.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { installOpa } from '../scripts/opa.ts'
import { benchFivePacks } from './lib/five-packs.ts'
import { describeMachine } from './lib/machine.ts'
import { benchPostgres } from './lib/postgres.ts'
import { benchSize } from './lib/one-pack.ts'
import { median, table } from './lib/table.ts'
import { missedColdStart } from './lib/targets.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    sizes: { type: 'string', default: '2,18,180' },
    connections: { type: 'string', default: '1,16,64' },
    'skip-postgres': { type: 'boolean', default: false },
  },
})
const numbers = (text: string): number[] => text.split(',').map(Number)
const load = { seconds: Number(values.seconds), rounds: Number(values.rounds), connections: numbers(values.connections) }

const opa = installOpa()
// Not the usual temporary directory, which may lie in memory, where a commit costs nothing.
process.env['TMPDIR'] = '/var/tmp'
const directory = mkdtempSync(join(tmpdir(), 'portcullis-bench-'))
const missed: string[] = []
try {
  console.log(
    `${describeMachine()}\n${load.rounds} rounds of ${load.seconds} s, the first to go alternating; medians; ratios are ours ÷ OPA's of the same round\n`,
  )
  const coldStarts: { ours: number[]; opa: number[] } = { ours: [], opa: [] }
  const rows: string[][] = []
  for (const kilobytes of numbers(values.sizes)) {
    const result = await benchSize(opa, join(directory, `one-${kilobytes}`), kilobytes, load)
    rows.push(...(rows.length === 0 ? result.rows : result.rows.slice(1)))
    missed.push(...result.missed)
    coldStarts.ours.push(...result.coldStarts.ours)
    coldStarts.opa.push(...result.coldStarts.opa)
  }
  console.log(`One pack, SQLite (vulnerabilities; every decision committed and logged):\n\n${table(rows)}\n`)
  const coldStart = median(coldStarts.ours)
  console.log(`Cold start to ready: ${coldStart.toFixed(0)} ms (OPA ${median(coldStarts.opa).toFixed(0)} ms)\n`)
  missed.push(...missedColdStart(coldStart))
  console.log(`The five default packs at stage production, SQLite:\n\n${table(await benchFivePacks(join(directory, 'five'), load))}\n`)
  if (!values['skip-postgres'])
    console.log(`One pack, PostgreSQL on this machine:\n\n${table(await benchPostgres(join(directory, 'postgres'), load))}\n`)
} finally {
  rmSync(directory, { recursive: true, force: true })
}
console.log(missed.length === 0 ? 'All targets met.' : `Missed:\n${missed.map((line) => `  ${line}`).join('\n')}`)
process.exitCode = missed.length === 0 ? 0 : 1
