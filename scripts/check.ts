/**
 * `npm run check [-- NAME…]`: everything that judges the tree without running it. All checks run, so that one report names every problem;
 * the exit code is 1 if any failed.
 */
import { spawn } from 'node:child_process'
import { parseArgs } from 'node:util'
import { findOpa } from './opa.ts'

interface Check {
  name: string
  /** Arguments for Node. */
  command: readonly string[]
  /** Why it cannot run here, and what to do about it. */
  skip?: string | undefined
}

const opa = findOpa()
const module = (path: string): string => `node_modules/${path}`

const checks: readonly Check[] = [
  { name: 'types', command: [module('typescript-7/bin/tsc'), '-p', '.'] },
  { name: 'lint', command: [module('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings', '--report-unused-disable-directives'] },
  { name: 'format', command: [module('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'] },
  { name: 'unused', command: [module('knip/bin/knip.js')] },
  { name: 'contract', command: [module('@redocly/cli/bin/cli.js'), 'lint', 'openapi.yaml'] },
  { name: 'contract-types', command: ['scripts/openapi.ts', '--check'] },
  {
    name: 'policies',
    command: ['scripts/policies.ts', '--check'],
    skip: opa.path === undefined ? `${opa.problem}: npm run tools` : undefined,
  },
]

const { positionals } = parseArgs({ allowPositionals: true })
const wanted = checks.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
const requireAll = process.env['PORTCULLIS_TEST_REQUIRE'] === 'all'

let failed = wanted.length === 0 ? 1 : 0
for (const check of wanted) {
  const started = performance.now()
  const { ok, output } = await run(check)
  if (!ok) failed += 1
  console.log(
    `${ok ? '✔' : '✖'} ${check.name} (${((performance.now() - started) / 1000).toFixed(1)} s)${check.skip ? `: not run, ${check.skip}` : ''}`,
  )
  if (!ok && output.trim() !== '') console.log(output.trimEnd())
}
console.log(failed === 0 ? `${wanted.length} checks passed` : `${failed} of ${wanted.length} checks failed`)
process.exit(failed === 0 ? 0 : 1)

async function run(check: Check): Promise<{ ok: boolean; output: string }> {
  if (check.skip !== undefined) return { ok: !requireAll, output: '' }
  const child = spawn(process.execPath, check.command, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, REDOCLY_TELEMETRY: 'off' },
  })
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk))
  const { promise, resolve, reject } = Promise.withResolvers<number | null>()
  child.once('error', reject)
  child.once('close', resolve)
  const code = await promise
  return { ok: code === 0, output: Buffer.concat(output).toString() }
}
