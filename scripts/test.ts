/**
 * `npm test [-- [--file-timeout SECONDS] GLOB…]`: runs the test files, two at a time, each in its own process, and says at the end what
 * failed, what did not run for want of a real counterpart, and the totals.
 */
import { glob } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { runTestFile } from './lib/test-outcome.ts'
import type { FileOutcome } from './lib/test-outcome.ts'
import { summarise } from './lib/test-summary.ts'

const CONCURRENCY = 2
// They end what hangs. What is only slow, on a machine that does much else, stays well below.
const TEST_TIMEOUT_SECONDS = 300
const FILE_TIMEOUT_SECONDS = 900

const { values, positionals } = parseArgs({ allowPositionals: true, options: { 'file-timeout': { type: 'string' } } })
const fileTimeout = Number(values['file-timeout'] ?? FILE_TIMEOUT_SECONDS) * 1000
const timeouts = { test: Math.min(TEST_TIMEOUT_SECONDS * 1000, fileTimeout), file: fileTimeout }

const files = await Array.fromAsync(glob(positionals.length > 0 ? positionals : 'test/**/*.test.ts'))
if (files.length === 0) {
  console.error('No test file matches: that is a failure, not a green run.')
  process.exit(1)
}
const { text, ok } = summarise(await runAll(files.toSorted()), process.env['PORTCULLIS_TEST_REQUIRE'] === 'all')
console.log(text)
process.exit(ok ? 0 : 1)

async function runAll(queue: readonly string[]): Promise<FileOutcome[]> {
  const outcomes: FileOutcome[] = []
  const waiting = queue.values()
  const runner = async (): Promise<void> => {
    for (const file of waiting) {
      const outcome = await runTestFile(file, timeouts)
      outcomes.push(outcome)
      console.log(progress(outcome))
    }
  }
  await Promise.all(Array.from({ length: CONCURRENCY }, runner))
  return outcomes.toSorted((a, b) => a.file.localeCompare(b.file))
}

function progress(outcome: FileOutcome): string {
  const skipped = outcome.skipped.length > 0 ? `, ${outcome.skipped.length} skipped` : ''
  const failed = outcome.failures.length > 0 ? `, ${outcome.failures.length} failed` : ''
  return `${failed === '' ? '✔' : '✖'} ${outcome.file} (${outcome.passed} passed${failed}${skipped}, ${(outcome.milliseconds / 1000).toFixed(1)} s)`
}
