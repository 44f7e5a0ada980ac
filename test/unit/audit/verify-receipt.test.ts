import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'

import { AuditLog } from '../../../src/audit/audit-log.ts'
import { logCreatedDraft } from '../../../src/audit/log-identity.ts'
import { noteSigner } from '../../../src/audit/note.ts'
import { canonicalDigest } from '../../../src/core/canonical-json.ts'
import { main } from '../../../scripts/verify-receipt.ts'
import { decisionDraft, MemoryLog } from './memory-log.ts'

const signer = noteSigner('example.com/log', new Uint8Array(32).fill(5))
const KEY = signer.verifierKey.text
const IMAGE = canonicalDigest('image')
const DECISION = '0195a0aa-0000-7000-8000-000000000002'
const IN_TIME = ['--at', '2026-03-02T00:00:00Z']

describe('verify-receipt', () => {
  let directory = ''
  const receipts = { created: '', allow: '', deny: '', proven: '', unnamed: '' }

  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'verify-receipt-'))
    const log = new MemoryLog()
    log.add(logCreatedDraft({ origin: 'example.com/log', treeId: 'tree', verifierKey: KEY }, '2026-01-01T00:00:00.000Z'))
    log.add(decisionDraft({ verdict: 'allow' }))
    log.add(decisionDraft({ verdict: 'deny' }))
    log.add(decisionDraft({ verified: ['repository'] }))
    log.add(decisionDraft({ repository: null }))
    const audit = new AuditLog(log, signer)
    receipts.created = await audit.receipt(0)
    receipts.allow = await audit.receipt(1)
    receipts.deny = await audit.receipt(2)
    receipts.proven = await audit.receipt(3)
    receipts.unnamed = await audit.receipt(4)
    for (const [name, text] of Object.entries(receipts)) writeFileSync(join(directory, name), text)
    writeFileSync(join(directory, 'key'), `${KEY}\n`)
    writeFileSync(join(directory, 'empty'), '')
  })
  after(() => rmSync(directory, { recursive: true, force: true }))

  function run(name: string, args: string[]): { status: number; stdout: string } {
    let stdout = ''
    const status = main([join(directory, name), ...args], (text) => (stdout += text))
    return { status, stdout }
  }

  it('says yes to a receipt under the pinned key that is as expected, and prints what it says', () => {
    const expectation = `verdict=allow,enforced=true,subject=registry.example/cart@${IMAGE},stage=production,environment=live,repository=acme/cart,decision=${DECISION}`
    const { status, stdout } = run('allow', ['--key', KEY, '--expect', expectation, ...IN_TIME])
    assert.equal(status, 0)
    for (const fact of ['decision', 'allow', IMAGE, 'production', 'live', 'acme/cart', DECISION, '2026-03-08T10:00:00.000Z', 'INTACT'])
      assert.ok(stdout.includes(fact), fact)
  })

  it('is a command that takes the receipt from standard input too', () => {
    const command = ['scripts/verify-receipt.ts', '-', '--key', KEY]
    const spawned = (input: string) => spawnSync(process.execPath, command, { input, encoding: 'utf8' })
    assert.partialDeepStrictEqual(spawned(receipts.allow), { status: 0, stderr: '' })
    assert.equal(spawned(receipts.allow.slice(1)).status, 1)
  })

  it('takes the key from a file', () => {
    assert.equal(run('allow', ['--key', join(directory, 'key'), ...IN_TIME]).status, 0)
  })

  it('reads entries of every type', () => {
    assert.equal(run('created', ['--key', KEY, '--expect', 'type=log.created']).status, 0)
  })

  it('says no to a deny where an allow was expected, and to any other unmet expectation', () => {
    assert.equal(run('deny', ['--key', KEY]).status, 0)
    assert.equal(run('deny', ['--key', KEY, '--expect', 'verdict=deny', '--expect', 'enforced=true']).status, 0)
    for (const key of [['--key', KEY], ['--own-key'], []]) {
      const { status, stdout } = run('deny', [...key, '--expect', 'verdict=allow', '--expect', 'stage=production', ...IN_TIME])
      assert.equal(status, 1)
      assert.match(stdout, /verdict is deny, not allow/)
      // People and scripts look at the last line, and at how it begins.
      assert.match(stdout.trimEnd().split('\n').at(-1) ?? '', /^NOT AS EXPECTED: /)
      assert.doesNotMatch(stdout, /^INTACT/m)
    }
    for (const wrong of [
      'stage=test',
      'environment=production',
      `subject=${canonicalDigest('other')}`,
      'type=decisions',
      'enforced=false',
    ]) {
      assert.equal(run('allow', ['--key', KEY, '--expect', wrong, ...IN_TIME]).status, 1, wrong)
    }
    assert.equal(run('created', ['--key', KEY, '--expect', 'verdict=allow', ...IN_TIME]).status, 1)
  })

  it('says no to an allow that another repository got, and to another decision', () => {
    for (const wrong of ['repository=acme/shop', 'repository=github.com/acme/cart', 'repository=ACME/cart', `decision=${DECISION}0`]) {
      const { status, stdout } = run('allow', ['--key', KEY, '--expect', `verdict=allow,${wrong}`, ...IN_TIME])
      assert.equal(status, 1, wrong)
      assert.match(stdout, /NOT AS EXPECTED: (repository is acme\/cart|decision is 0195a0aa)/)
    }
    const unnamed = run('unnamed', ['--key', KEY, '--expect', 'repository=acme/cart', ...IN_TIME])
    assert.equal(unnamed.status, 1)
    assert.match(unnamed.stdout, /repository is -, not acme\/cart/)
    assert.equal(run('created', ['--key', KEY, '--expect', `decision=${DECISION}`]).status, 1)
  })

  it('tells a repository that was proven from one that the asker declared', () => {
    assert.match(run('proven', ['--key', KEY]).stdout, /^ {2}repository +acme\/cart \(verified\)$/m)
    assert.match(run('allow', ['--key', KEY]).stdout, /^ {2}repository +acme\/cart \(declared\)$/m)
    assert.match(run('unnamed', ['--key', KEY]).stdout, /^ {2}repository +-$/m)
  })

  it('says no to an expected allow that has expired, at its very instant too', () => {
    const at = (time: string) => run('allow', ['--key', KEY, '--expect', 'verdict=allow', '--at', time])
    assert.equal(at('2026-03-08T09:59:59.999Z').status, 0)
    assert.equal(at('2026-03-08T10:00:00Z').status, 1)
    assert.match(at('2026-03-08T10:00:00Z').stdout, /NOT AS EXPECTED: the allow expired/)
    assert.match(run('allow', ['--key', KEY]).stdout, /expires +2026-03-08T10:00:00.000Z \(expired/)
  })

  it('is not content without a key, unless told that the own key will do', () => {
    const unpinned = run('allow', IN_TIME)
    assert.equal(unpinned.status, 2)
    assert.match(unpinned.stdout, /NOT PINNED/)
    assert.equal(run('allow', ['--own-key']).status, 0)
    assert.equal(run('allow', ['--expect', 'stage=test']).status, 1)
  })

  it('says no to a changed receipt, with and without a key', () => {
    writeFileSync(join(directory, 'changed'), receipts.allow.replace('\nindex 1\n', '\nindex 2\n'))
    for (const args of [['--key', KEY], ['--own-key'], []]) {
      const { status, stdout } = run('changed', args)
      assert.equal(status, 1)
      assert.match(stdout, /NOT INTACT/)
    }
  })

  it('says no to another key and to no receipt', () => {
    const other = noteSigner('example.com/log', new Uint8Array(32).fill(6)).verifierKey.text
    for (const [name, key] of [
      ['allow', other],
      ['absent', KEY],
      ['empty', KEY],
    ] as const) {
      const { status, stdout } = run(name, ['--key', key])
      assert.equal(status, 1)
      assert.match(stdout.trimEnd().split('\n').at(-1) ?? '', /^NOT /)
    }
  })

  it('tells wrong usage by an exit code of its own, and shows the right one', () => {
    const wrong = [
      ['--key', 'none'],
      ['--key', ''],
      ['--expect', 'colour=red'],
      ['--expect', 'verdict'],
      ['--expect', 'repository='],
      ['--expect', 'enforced=yes'],
      ['--expect', 'verdict=Allow'],
      ['--at', 'now'],
      ['--nonsense'],
      ['more'],
    ]
    for (const args of [...wrong, ['--key', KEY, '--own-key'], ['--expect', 'subject=latest']]) {
      const { status, stdout } = run('allow', args)
      assert.equal(status, 64, args.join(' '))
      assert.match(stdout, /Usage: npm run verify-receipt/)
    }
    const known =
      /--expect knows type, verdict, enforced, subject, stage, environment, repository, decision, each as NAME=VALUE; not "colour=red"/
    assert.match(run('allow', ['--expect', 'colour=red']).stdout, known)
    assert.equal(
      main([], () => undefined),
      64,
    )
  })

  it('gives its exit code to whoever runs it through npm', () => {
    const npm = (...args: string[]): number | null =>
      spawnSync('npm', ['run', '--silent', 'verify-receipt', '--', ...args], { encoding: 'utf8' }).status
    const receipt = join(directory, 'allow')
    assert.equal(npm(receipt, '--key', KEY), 0)
    assert.equal(npm(receipt, '--key', KEY, '--expect', 'verdict=deny'), 1)
    assert.equal(npm(receipt), 2)
    assert.equal(npm(), 64)
  })
})
