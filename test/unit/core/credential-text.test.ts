import { equal, ok } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { holdsCredential, withoutCredentials } from '../../../src/core/credential-text.ts'

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const JWT = `${part({ alg: 'RS256', kid: '1' })}.${part({ sub: 'x' })}.c2lnbmF0dXJl`
const OURS = `ptc_${'aB3'.repeat(16)}`

describe('Text that may hold somebody’s credential', () => {
  it('does if a part of it is shaped like a token of ours or a JWT', () => {
    const spaced = `${Buffer.from('{ "alg": "none" }').toString('base64url')}.e30.`
    for (const text of [OURS, `x ${OURS}`, `/v1/tokens/${OURS}/rotate`, JWT, `Bearer ${JWT}`, `a=${JWT}&b`, spaced])
      ok(holdsCredential(text), text)
  })

  it('does not for names that only look a little like one', () => {
    const names = [
      '',
      'ptc_short',
      'git+https://example.com/ptc_lib@1',
      'eyecatcher1.registry-2.internal',
      'eye.y.e',
      'decisions',
      'sha256:'.repeat(9),
    ]
    for (const text of names) equal(holdsCredential(text), false, text)
  })

  it('can be shown without it', () => {
    equal(withoutCredentials(`/v1/tokens/${OURS}/rotate`), '/v1/tokens/[token]/rotate')
    equal(withoutCredentials(`/v1/bindings/${JWT}`), '/v1/bindings/[token]')
    equal(withoutCredentials('/v1/bindings/eyecatcher1.registry-2.internal'), '/v1/bindings/eyecatcher1.registry-2.internal')
  })

  it('is read in a time that grows with its length alone', () => {
    const hostile = ['ey', 'ey.', 'ptc_', 'eyJhbGciOiJ9.', 'ey'.repeat(9) + '.aa'].map((text) => text.repeat(64_000 / text.length))
    const started = process.cpuUsage()
    for (const text of hostile) withoutCredentials(text)
    const { user } = process.cpuUsage(started)
    ok(user < 2_000_000, `${user} µs`)
  })
})
