import { deepEqual, equal, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { pageOf } from '../../../src/http/page-of.ts'
import { pageReply, pageRequest, type ListRequest } from '../../../src/http/pagination.ts'

const list = (query: ListRequest['query'] = {}, path = '/v1/decisions'): ListRequest => ({ path, query })

const nextOf = (request: ListRequest, next: string | null = 'position'): string => {
  const { next: cursor } = JSON.parse(String(pageReply(request, { items: [], next }).body)) as { next: string }
  return cursor
}

describe('A page of a list', () => {
  it('is the first one of 50 unless something else is asked', () => {
    deepEqual(pageRequest(list()), { limit: 50 })
    deepEqual(pageRequest(list({ limit: 7 })), { limit: 7 })
  })

  it('goes on behind the position that the cursor holds', () => {
    const cursor = nextOf(list({ stage: 'production' }))
    deepEqual(pageRequest(list({ stage: 'production', cursor })), { limit: 50, after: 'position' })
  })

  it('may change its size on the way', () => {
    const cursor = nextOf(list({ limit: 10 }))
    deepEqual(pageRequest(list({ limit: 20, cursor })), { limit: 20, after: 'position' })
  })

  it('is refused for a cursor of another list or of other filters', () => {
    const cursor = nextOf(list({ stage: 'production' }))
    throws(() => pageRequest(list({ stage: 'staging', cursor })), INVALID)
    throws(() => pageRequest(list({ cursor })), INVALID)
    throws(() => pageRequest(list({ stage: 'production', cursor }, '/v1/evidence')), INVALID)
  })

  it('is refused for anything that is not a cursor', () => {
    const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const hash = (JSON.parse(Buffer.from(nextOf(list()), 'base64url').toString()) as string[])[0]
    const wrong = [
      'x',
      '%%%',
      '',
      encode(null),
      encode({}),
      encode([hash]),
      encode([hash, 5]),
      encode([hash, '']),
      encode([hash, 'a', 'b']),
    ]
    for (const cursor of wrong) throws(() => pageRequest(list({ cursor })), INVALID, cursor)
  })

  it('names the following page in a Link that keeps the filters', () => {
    const { headers } = pageReply(list({ from: '2026-11-01T00:00:00+01:00', limit: 2 }), { items: [], next: 'p' })
    const [, target = ''] = /^<(.+)>; rel="next"$/.exec(String(headers['link'])) ?? []
    const url = new URL(target, 'http://localhost')
    equal(url.pathname, '/v1/decisions')
    equal(url.searchParams.get('from'), '2026-11-01T00:00:00+01:00')
    equal(url.searchParams.get('limit'), '2')
    equal(url.searchParams.get('cursor'), nextOf(list({ from: '2026-11-01T00:00:00+01:00' }), 'p'))
  })

  it('has no Link at the end', () => {
    const { headers, body } = pageReply(list(), { items: [1], next: null })
    equal(headers['link'], undefined)
    deepEqual(JSON.parse(String(body)), { items: [1], next: null })
  })
})

describe('A short list', () => {
  const items = ['c', 'a', 'd', 'b']

  it('is walked from page to page, each item once, in order', () => {
    const seen: string[] = []
    let after: string | null | undefined
    do {
      const page = pageOf(items, (item) => item, { limit: 3, ...(after && { after }) })
      seen.push(...page.items)
      after = page.next
    } while (after !== null)
    deepEqual(seen, ['a', 'b', 'c', 'd'])
  })

  it('ends with a page that is exactly full', () => equal(pageOf(items, (item) => item, { limit: 4 }).next, null))
})

const INVALID = { code: 'cursor_invalid', field: 'query.cursor' }
