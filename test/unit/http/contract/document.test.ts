import { deepEqual, ok } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { parse } from 'yaml'

import { SCOPES } from '../../../../src/core/principal.ts'
import { readContract, readContractText } from '../../../../src/http/contract/document.ts'
import { contractAjv, requestValidators } from '../../../../src/http/contract/validation.ts'

const contract = readContract()

describe('The contract', () => {
  it('that the service reads is openapi.yaml', () => deepEqual(contract.document, parse(readContractText())))

  it('names each operation once', () => {
    const ids = contract.operations.map(({ id }) => id)
    ok(ids.length > 30, `only ${ids.length} operations were seen`)
    deepEqual([...new Set(ids)], ids)
  })

  it('lets nothing be public but what the design names, and logging in', () => {
    deepEqual(
      contract.operations.filter(({ scope }) => scope === undefined).map(({ path }) => path),
      [
        '/tlog/checkpoint',
        '/auth/login',
        '/auth/callback/{issuer}',
        '/auth/logout',
        '/healthz',
        '/readyz',
        '/openapi.yaml',
        '/docs',
        '/docs/{asset}',
      ],
    )
  })

  it('lets every token ask for nothing but what is its own, and for what its body says which scope it takes', () => {
    deepEqual(
      contract.operations.filter(({ scope }) => scope === 'any').map(({ id }) => id),
      ['createApproval', 'listTokens', 'getOwnToken', 'rotateOwnToken', 'getToken', 'whoami'],
    )
  })

  it('says in words which scope an operation needs', () => {
    for (const { id, scope, description } of contract.operations)
      ok(description.includes(scope === undefined ? 'Public.' : scope === 'any' ? 'Any valid credential' : `\`${scope}\``), id)
  })

  it('knows the scopes, roles and classes of the code', () => {
    const { schemas } = contract.document.components
    deepEqual((schemas['Scope'] as { enum: string[] }).enum, SCOPES)
  })

  it('compiles for every operation, with schemas that are valid themselves', () => {
    requestValidators(
      contract,
      contract.operations.map(({ id }) => id),
    )
    contractAjv(contract, { validateSchema: true }).getSchema('openapi#/$defs/Decision')
  })

  it('lets every POST that creates take an Idempotency-Key', () => {
    const creating = contract.operations.filter(
      ({ method, responses }) => method === 'post' && ('201' in responses || 'Location' in (responses['200']?.headers ?? {})),
    )
    deepEqual(
      creating.filter(({ parameters }) => !parameters.some(({ name }) => name === 'Idempotency-Key')).map(({ id }) => id),
      [],
    )
  })

  it('says of every answer to an Idempotency-Key how a repeat is told', () => {
    const keyed = contract.operations.filter(({ parameters }) => parameters.some(({ name }) => name === 'Idempotency-Key'))
    ok(keyed.length > 2)
    for (const { id, responses } of keyed) ok('Idempotent-Replayed' in ((responses['200'] ?? responses['202'])?.headers ?? {}), id)
  })
})
