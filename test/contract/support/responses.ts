import assert from 'node:assert/strict'

import type { ValidateFunction } from 'ajv/dist/2020.js'

import { readContract, type OperationId, type ResponseObject, type Schema } from '../../../src/http/contract/document.ts'
import { anchored, contractAjv } from '../../../src/http/contract/validation.ts'
import type { Reply } from '../../support/client.ts'

type Keywords = Record<string, unknown>

/** Holds replies against the contract, more strictly than callers should: a field that it does not name is a failure. */
export class ResponseChecker {
  readonly #contract = readContract()
  readonly #ajv = contractAjv(this.#contract, { validateSchema: true, useDefaults: false })
  readonly #validators = new Map<object, ValidateFunction>()
  /** `operation status` of every reply that was checked. */
  readonly seen = new Set<string>()

  constructor() {
    const $defs: Record<string, Schema> = {}
    for (const [name, schema] of Object.entries(this.#contract.document.components.schemas)) {
      const closed = close(anchored(schema))
      const { unevaluatedProperties: _, ...open } = closed
      $defs[name] = closed
      $defs[`${name}.part`] = open
    }
    this.#ajv.addSchema({ $id: 'closed', $defs })
  }

  /** Every status that the contract declares by number, as `operation status`. */
  declared(): Set<string> {
    return new Set(
      this.#contract.operations.flatMap(({ id, responses }) =>
        Object.keys(responses)
          .filter((status) => /^\d{3}$/.test(status))
          .map((status) => `${id} ${status}`),
      ),
    )
  }

  /** Fails unless the operation may answer this. */
  check(id: OperationId, reply: Reply): void {
    const operation = this.#contract.operations.find((each) => each.id === id)
    const response = operation?.responses[reply.status] ?? operation?.responses[reply.status < 500 ? '4XX' : 'default']
    assert.ok(response, `${id} does not declare ${reply.status}: ${reply.text}`)
    const { content, headers } = response
    for (const name of Object.keys(headers ?? {})) {
      const optional = name === 'Link' || name === 'Idempotent-Replayed' || (id === 'createDecision' && !reply.text.includes('requestId'))
      assert.ok(optional || reply.headers.has(name), `${id} ${reply.status} has no ${name}`)
    }
    this.#checkContent(id, reply, content)
    this.seen.add(`${id} ${reply.status}`)
  }

  #checkContent(id: OperationId, reply: Reply, content: ResponseObject['content']): void {
    const type = reply.headers.get('content-type')?.split(';')[0] ?? ''
    if (!content) {
      assert.equal(reply.text, '', `${id} ${reply.status} has a body`)
      return
    }
    const media = content[type]
    assert.ok(media, `${id} ${reply.status} does not declare ${type}`)
    if (!type.endsWith('json')) return
    let validate = this.#validators.get(media)
    if (!validate) this.#validators.set(media, (validate = this.#ajv.compile(close(anchored(media.schema)))))
    const valid = validate(reply.json())
    assert.ok(
      valid,
      `${id} ${reply.status}: ${JSON.stringify(validate.errors?.map(({ instancePath, message, params }) => ({ instancePath, message, params })))}`,
    )
  }
}

/** The schema with every object closed that lists its properties and does not say whether others may be there. */
function close(schema: unknown): Keywords {
  return closeAny(schema) as Keywords
}

function closeAny(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closeAny)
  if (typeof schema !== 'object' || schema === null) return schema
  const keywords = Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [name, name === 'allOf' ? parts(value) : closeAny(value)]),
  )
  if (typeof keywords['$ref'] === 'string') keywords['$ref'] = keywords['$ref'].replace('openapi#', 'closed#')
  const lists = keywords['type'] === 'object' && 'properties' in keywords && !('additionalProperties' in keywords)
  return lists || 'allOf' in keywords ? { ...keywords, unevaluatedProperties: false } : keywords
}

/** Parts of one object stay open: it is closed as a whole. */
function parts(schemas: unknown): unknown {
  return (schemas as Keywords[]).map((part) => {
    const { unevaluatedProperties: _, ...open } = close(part)
    return typeof open['$ref'] === 'string' ? { ...open, $ref: `${open['$ref']}.part` } : open
  })
}
