import { deepEqual, doesNotMatch, equal, ok } from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

import { AppError } from '../../../src/core/app-error.ts'
import { PROBLEMS, problemHeaders, problemOf } from '../../../src/http/problem.ts'

const SOURCE = join(import.meta.dirname, '../../../src')
const DOCUMENT = join(import.meta.dirname, '../../../docs/errors.md')

/** Failures of start, of other programs, or of the inside: no request ever meets them under their own code. */
const NEVER_ANSWERED: Readonly<Record<string, string>> = {
  setting_invalid: 'refuses the start',
  resource_file_malformed: 'refuses the start',
  schema_newer: 'refuses the start',
  data_dir_locked: 'refuses the start',
  data_dir_unusable: 'refuses the start',
  database_unusable: 'refuses the start',
  database_unreachable: 'refuses the start',
  address_in_use: 'refuses the start',
  address_unusable: 'refuses the start',
  certificate_unusable: 'refuses the start',
  database_not_durable: 'refuses the start',
  database_url_invalid: 'refuses the start',
  log_key_malformed: 'refuses the start',
  log_key_missing: 'refuses the start',
  log_key_mismatch: 'refuses the start',
  log_origin_malformed: 'refuses the start',
  log_origin_mismatch: 'refuses the start',
  pack_damaged: 'refuses the start',
  pack_unusable: 'refuses the start',
  pack_missing_builtin: 'refuses the start',
  proof_malformed: 'verifies receipts offline',
  checkpoint_malformed: 'verifies receipts offline',
  note_malformed: 'verifies receipts offline',
  note_key_malformed: 'verifies receipts offline',
  note_unsigned: 'verifies receipts offline',
  receipt_malformed: 'verifies receipts offline',
  receipt_too_long: 'verifies receipts offline',
  receipt_other_key: 'verifies receipts offline',
  receipt_not_included: 'verifies receipts offline',
  binding_unusable: 'becomes a recorded denial',
  record_digest_differs: 'is damage, answered as internal',
  blob_damaged: 'is damage, answered as internal',
}

describe('The table of problems', () => {
  const declared = declaredCodes()

  it('is compared with the codes that the folders declare', () => {
    ok(declared.size > 40, `only ${declared.size} codes were seen`)
    ok(declared.has('at_needs_dry_run') && declared.has('storage_unavailable') && declared.has('report_empty'))
  })

  it('knows every code that a request can meet, and no other', () => {
    deepEqual(
      [...declared].filter((code) => !Object.hasOwn(PROBLEMS, code) && !Object.hasOwn(NEVER_ANSWERED, code)),
      [],
    )
    deepEqual(
      Object.keys(PROBLEMS).filter((code) => !declared.has(code)),
      [],
    )
    deepEqual(
      Object.keys(NEVER_ANSWERED).filter((code) => !declared.has(code)),
      [],
    )
  })

  it('equals docs/errors.md', () => {
    const rows = [...readFileSync(DOCUMENT, 'utf8').matchAll(/^\| `(\w+)` +\| (\d{3}) +\| (.+?) +\|$/gm)]
    const documented = rows.map(([, code = '', status, title]) => [code, { status: Number(status), title }] as const)
    deepEqual(Object.fromEntries(documented), PROBLEMS)
    equal(documented.length, Object.keys(PROBLEMS).length)
  })

  it('never uses a status that clients repeat by themselves, unless repeating helps', () => {
    const repeated = Object.entries(PROBLEMS).filter(([, { status }]) => [408, 429, 500, 502, 503, 504].includes(status))
    deepEqual(repeated.map(([code]) => code).toSorted(), [
      'block_placed',
      'body_too_slow',
      'entry_malformed',
      'evaluator_closed',
      'ground_revoked',
      'internal',
      'issuer_unreachable',
      'log_corrupt',
      'login_provider_failed',
      'overloaded',
      'rate_limited',
      'storage_unavailable',
      'too_many_failed_logins',
    ])
  })
})

describe('A problem', () => {
  it('tells the code, the field and what to do', () => {
    const error = new AppError('at_needs_dry_run', 'Only a dry run.', { field: 'body.at', remedy: 'Leave it out.' })
    deepEqual(problemOf(error, '/v1/decisions', 'r1'), {
      type: '/docs#error-at_needs_dry_run',
      title: 'Another time needs a dry run',
      status: 422,
      detail: 'Only a dry run.',
      instance: '/v1/decisions',
      code: 'at_needs_dry_run',
      field: 'body.at',
      remedy: 'Leave it out.',
      requestId: 'r1',
    })
  })

  it('tells nothing about what was not expected', () => {
    const unexpected = [
      new Error('connect ECONNREFUSED db.internal'),
      new AppError('schema_newer', 'database /srv/secret'),
      new AppError('constructor', 'secret'),
      'secret',
      null,
    ]
    for (const error of unexpected) {
      const problem = problemOf(error, '/x', 'r1')
      equal(problem.status, 500)
      equal(problem.code, 'internal')
      doesNotMatch(JSON.stringify(problem), /ECONNREFUSED|secret/)
    }
  })

  it('says when to try again, and how to authenticate', () => {
    const headers = (code: string, tokenSent: boolean): object =>
      problemHeaders(problemOf(new AppError(code, ''), '/', ''), new AppError(code, ''), tokenSent)
    deepEqual(headers('overloaded', true), { 'retry-after': '1' })
    deepEqual(headers('unauthenticated', false), { 'www-authenticate': 'Bearer realm="portcullis"' })
    deepEqual(headers('unauthenticated', true), { 'www-authenticate': 'Bearer realm="portcullis", error="invalid_token"' })
    const limited = new AppError('rate_limited', '', { retryAfterSeconds: 3 })
    deepEqual(problemHeaders(problemOf(limited, '/', ''), limited, true), { 'retry-after': '3' })
    deepEqual(headers('not_found', true), {})
  })
})

/** The members of every `…ErrorCode` union below src. */
function declaredCodes(): Set<string> {
  const files = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
  const unions = files.flatMap((file) => [
    ...readFileSync(join(SOURCE, file), 'utf8').matchAll(/^(?:export )?type \w+ErrorCode =((?:\s*\|?\s*(?:'\w+'|\w+ErrorCode))+)/gm),
  ])
  return new Set(unions.flatMap(([, members = '']) => [...members.matchAll(/'(\w+)'/g)].map(([, code = '']) => code)))
}
