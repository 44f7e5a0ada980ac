import { deepEqual, equal, match } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

const FILES: Record<string, string> = {
  'passing.test.ts': `import { it } from 'node:test'; it('holds', () => {})`,
  'failing.test.ts': `import { it } from 'node:test'; it('breaks', () => { console.log('a clue'); throw new Error('the reason') })`,
  'skipping.test.ts': `import { describe, it } from 'node:test'
    describe('with a tool', { skip: 'needs tool: npm run tools' }, () => { it('never runs', () => {}) })
    it('holds', () => {})`,
  'hanging.test.ts': `import { it } from 'node:test'; it('holds', () => {}); setInterval(() => {}, 1000)`,
  'broken-hook.test.ts': `import { before, describe, it } from 'node:test'
    describe('suite', () => { before(() => { throw new Error('no set-up') }); it('never runs', () => {}) })`,
  'no-test.test.ts': `console.log('nothing here')`,
}

describe('npm test', () => {
  let directory: string
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'portcullis-runner-'))
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(directory, name), text)
  })
  after(() => rmSync(directory, { recursive: true }))

  const run = (pattern: string, env: Record<string, string> = {}, fileTimeout = '100') => {
    // Under NODE_TEST_CONTEXT the runner believes itself to be one of the files and runs nothing.
    const { NODE_TEST_CONTEXT: _, PORTCULLIS_TEST_REQUIRE: __, ...inherited } = process.env
    const args = ['scripts/test.ts', '--file-timeout', fileTimeout, join(directory, pattern)]
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env: { ...inherited, ...env } })
    return { status, output: stdout + stderr, last: stdout.trimEnd().split('\n').at(-1) }
  }

  it('ends with the totals as its last line', () => {
    const { status, last } = run('passing.test.ts')
    deepEqual({ status, last }, { status: 0, last: 'tests: 1 passed, 0 failed, 0 skipped' })
  })

  it('fails if a test fails, and shows why and what the file wrote', () => {
    const { status, output } = run('{passing,failing}.test.ts')
    equal(status, 1)
    match(output, /✖ breaks/)
    match(output, /the reason/)
    match(output, /a clue/)
    match(output, /1 passed, 1 failed, 0 skipped$/m)
  })

  it('says in one line what did not run and which command brings it', () => {
    const { status, output } = run('skipping.test.ts')
    equal(status, 0)
    match(output, /^ {2}needs tool: npm run tools \(1 in .*skipping\.test\.ts\)$/m)
    match(output, /1 passed, 0 failed, 1 skipped$/m)
  })

  it('takes a skip for a failure when everything is required', () => {
    equal(run('skipping.test.ts', { PORTCULLIS_TEST_REQUIRE: 'all' }).status, 1)
    equal(run('passing.test.ts', { PORTCULLIS_TEST_REQUIRE: 'all' }).status, 0)
  })

  it('kills a file that does not end by itself, and fails', () => {
    const { status, output } = run('hanging.test.ts', {}, '2')
    equal(status, 1)
    match(output, /did not end within 2 s/)
  })

  it('fails when a hook fails, so that no test ran', () => {
    const { status, output } = run('broken-hook.test.ts')
    equal(status, 1)
    match(output, /no set-up/)
  })

  it('fails on a test file without a test, and when no file matches', () => {
    equal(run('no-test.test.ts').status, 1)
    equal(run('absent.test.ts').status, 1)
  })
})
