import { doesNotMatch, doesNotThrow, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { isAppError } from '../../../src/core/app-error.ts'
import { refuseTokensInUrl } from '../../../src/http/url-tokens.ts'

const OURS = `ptc_${'aB3'.repeat(16)}`
const JWT = `${Buffer.from('{"alg":"RS256"}').toString('base64url')}.${Buffer.from('{"sub":"x"}').toString('base64url')}.c2lnbmF0dXJl`

describe('The path of a request', () => {
  it('is refused if it holds a token, encoded or not', () => {
    for (const part of [OURS, JWT, `%70${OURS.slice(1)}`])
      throws(() => refuseTokensInUrl(`/v1/tokens/${part}/rotate?a=b`), { code: 'token_in_query', field: 'path' })
  })
})

describe('A query', () => {
  it('is refused if a parameter is named like a secret, however it is spelled', () => {
    for (const name of [
      'access_token',
      'token',
      'TOKEN',
      'bearer',
      'api_key',
      'apikey',
      'api-key',
      'apiKey',
      'jwt',
      'X-Api-Key',
      '%74oken',
      'private_token',
    ])
      throws(() => refuseTokensInUrl(`/v1/decisions?limit=1&${name}=x`), { code: 'token_in_query' }, name)
    throws(() => refuseTokensInUrl('/healthz?token'), { code: 'token_in_query', field: 'query.token' })
  })

  it('is refused if any value or name is shaped like a token, encoded or not', () => {
    const hidden = [...OURS].map((character) => `%${character.charCodeAt(0).toString(16)}`).join('')
    for (const query of [
      `cursor=${OURS}`,
      `a=b&x=${JWT}`,
      `x=Bearer%20${JWT}`,
      OURS,
      JWT,
      `x=${hidden}`,
      `broken=%zz&x=${OURS}`,
      `x=%zz${OURS}`,
      `code=${OURS}&`,
    ])
      if (query.startsWith('code=')) doesNotThrow(() => refuseTokensInUrl(`/x?${query}`))
      else throws(() => refuseTokensInUrl(`/x?${query}`), { code: 'token_in_query' }, query)
  })

  it('is not refused for what a login provider sends back, nor for ordinary values', () => {
    for (const url of [
      `/callback?code=${JWT}&state=${JWT}`,
      '/v1/decisions',
      '/v1/decisions?',
      '/x?a=%',
      '/x?subject=eyecatcher.registry.internal@sha256:00',
      '/x?tokens=1',
    ])
      doesNotThrow(() => refuseTokensInUrl(url), url)
  })

  it('is not quoted by the refusal', () => {
    for (const query of [`token=${OURS}`, `x=${OURS}`, `${OURS}=1`, `token${OURS}=1`])
      throws(
        () => refuseTokensInUrl(`/x?${query}`),
        (error: unknown) => {
          doesNotMatch(isAppError(error) ? JSON.stringify([error.message, error.field, error.remedy]) : '', /aB3aB3/)
          return isAppError(error)
        },
      )
  })
})
