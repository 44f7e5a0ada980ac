import { deepEqual, equal, notEqual, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { WorkloadIdentity } from '../../../src/core/workload-identity.ts'
import { idempotencyClaim, parseIdempotencyKey, withoutBoundary, type ClaimSource } from '../../../src/http/idempotency.ts'
import { accessOf, ANN } from '../auth/memory-tokens.ts'

describe('An Idempotency-Key', () => {
  it('may be bare or quoted, and means the same', () => {
    equal(parseIdempotencyKey('4711-1-deploy'), '4711-1-deploy')
    equal(parseIdempotencyKey('"4711-1-deploy"'), '4711-1-deploy')
  })

  it('may hold spaces, quotes and backslashes if it is quoted', () =>
    equal(parseIdempotencyKey(String.raw`"a \"b\" \\c"`), String.raw`a "b" \c`))

  it('holds 1 to 255 characters', () => {
    equal(parseIdempotencyKey('k'.repeat(255)).length, 255)
    equal(parseIdempotencyKey(`"${'k'.repeat(255)}"`).length, 255)
    for (const key of ['', '""', 'k'.repeat(256), `"${'k'.repeat(256)}"`]) throws(() => parseIdempotencyKey(key), MALFORMED, key)
  })

  it('is refused if it is not printable ASCII, or its quotes do not match', () => {
    for (const key of ['a b', 'ä', 'a\u0007', '"a', String.raw`"a\b"`, '"a"b']) throws(() => parseIdempotencyKey(key), MALFORMED, key)
  })
})

describe('The claim of a request', () => {
  it('does not exist without a key', () => equal(idempotencyClaim(source({ key: undefined })), undefined))

  it('names who asked for what, and holds for 24 hours', () => {
    const { fingerprint, ...claim } = idempotencyClaim(source({})) ?? { fingerprint: '' }
    deepEqual(claim, { principalId: ANN.id, method: 'POST', path: '/v1/decisions', key: 'k', expiresAt: 86_400_000 })
    equal(fingerprint.startsWith('sha256:'), true)
  })

  it('has the same fingerprint whatever the order of the query', () => {
    equal(fingerprintOf({ query: { a: '1', b: '2' } }), fingerprintOf({ query: { b: '2', a: '1' } }))
  })

  it('has another fingerprint for another query or body', () => {
    notEqual(fingerprintOf({ query: { a: '2' } }), fingerprintOf({ query: { a: '1' } }))
    notEqual(fingerprintOf({ body: Buffer.from('x') }), fingerprintOf({ body: Buffer.from('y') }))
  })

  it('has another fingerprint for a token that is confined otherwise, which may get another answer', () => {
    const confined = (repository: string) => fingerprintOf({ access: accessOf([], { repositories: [repository] }) })
    notEqual(confined('acme/cart'), confined('evil/x'))
    notEqual(confined('acme/cart'), fingerprintOf({}))
  })

  it('has another fingerprint for a run of which other facts are proven', () => {
    const run = (commit: string) =>
      fingerprintOf({ access: { ...accessOf([]), identity: { issuer: 'github', kind: 'github', subject: 's', facts: { commit } } } })
    equal(run('a'), run('a'))
    notEqual(run('a'), run('b'))
  })

  it('is another one for jobs of other repositories that are the same principal', () => {
    const job = (identity: WorkloadIdentity) => idempotencyClaim(source({ access: { ...accessOf([]), identity } }))?.principalId
    const own: WorkloadIdentity = {
      issuer: 'github',
      kind: 'github',
      subject: 's',
      facts: { repository: 'github.com/acme/a', execution: '1' },
    }
    equal(job(own), job({ ...own, subject: 'of another branch', facts: { ...own.facts, execution: '2' } }))
    notEqual(job(own), job({ ...own, facts: { repository: 'github.com/acme/b' } }))
    notEqual(job(own), job({ ...own, issuer: 'gitlab' }))
    notEqual(job({ ...own, facts: {} }), job({ ...own, facts: {}, subject: 'another' }))
    notEqual(job(own), ANN.id)
  })
})

const MALFORMED = { code: 'idempotency_key_malformed', field: 'header.Idempotency-Key' }

function source(changes: Partial<ClaimSource>): ClaimSource {
  return {
    ...{ key: 'k', access: accessOf([]), method: 'POST', path: '/v1/decisions', query: {}, body: new Uint8Array(), now: 0 },
    ...changes,
  }
}

function fingerprintOf(changes: Partial<ClaimSource>): string | undefined {
  return idempotencyClaim(source(changes))?.fingerprint
}

describe('A form that is sent again', () => {
  const form = (boundary: string, content = 'package a') =>
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="f"; filename="a.rego"\r\n\r\n${content}\r\n--${boundary}--\r\n`)
  const stripped = (boundary: string, header = `multipart/form-data; boundary=${boundary}`, content?: string) =>
    Buffer.from(withoutBoundary(form(boundary, content), header)).toString()

  it('is the same request, though its boundary is another one', () => {
    equal(stripped('----aaa1'), stripped('----bbb22'))
    equal(stripped('x', 'Multipart/Form-Data; charset=utf-8; boundary="x"'), stripped('y'))
    notEqual(stripped('x'), stripped('y', undefined, 'package b'))
  })

  it('is left as it is where there is no boundary', () => {
    equal(stripped('x', 'application/gzip'), form('x').toString())
  })
})
