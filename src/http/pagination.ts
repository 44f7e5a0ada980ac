import { AppError } from '../core/app-error.ts'
import { canonicalJson } from '../core/canonical-json.ts'
import { sha256Digest } from '../core/digest.ts'
import type { Page, PageRequest } from '../core/page.ts'
import type { HttpErrorCode } from './problem.ts'
import { json, type Reply } from './reply.ts'

/** The part of a list request that says which page is wanted. */
export interface PagedQuery {
  limit?: number
  cursor?: string
}

/** A list as it was asked for: its path and its validated query. */
export interface ListRequest {
  path: string
  query: Readonly<Record<string, unknown>> & PagedQuery
}

const DEFAULT_LIMIT = 50

/**
 * Reads which page is wanted. A cursor holds the position and a hash of the list's path and filters: it is opaque, but no secret.
 * @throws {AppError} `cursor_invalid` for a cursor of another list or none of ours
 */
export function pageRequest(list: ListRequest): PageRequest {
  const { limit = DEFAULT_LIMIT, cursor } = list.query
  return cursor === undefined ? { limit } : { limit, after: readCursor(cursor, filterHash(list)) }
}

/** `{items, next}`, with a `Link` to the following page (RFC 8288). @param whole what is said of the whole list, before its page */
export function pageReply<Item>(list: ListRequest, page: Page<Item>, whole: object = {}): Reply {
  if (page.next === null) return json(200, { ...whole, ...page })
  const next = Buffer.from(JSON.stringify([filterHash(list), page.next])).toString('base64url')
  return json(
    200,
    { ...whole, items: page.items, next },
    { link: `<${list.path}?${queryString({ ...list.query, cursor: next })}>; rel="next"` },
  )
}

function filterHash({ path, query }: ListRequest): string {
  const { limit: _limit, cursor: _cursor, ...filters } = query
  return sha256Digest(canonicalJson({ path, filters })).slice(-16)
}

/** Attacker-controlled: anything but what `pageReply` wrote for this list is refused. The store checks the position itself. */
function readCursor(cursor: string, wanted: string): string {
  let content: unknown
  try {
    content = JSON.parse(Buffer.from(cursor, 'base64url').toString())
  } catch {
    throw invalidCursor()
  }
  if (!Array.isArray(content) || content.length !== 2) throw invalidCursor()
  const [hash, position] = content as unknown[]
  if (hash !== wanted || typeof position !== 'string' || position === '') throw invalidCursor()
  return position
}

function invalidCursor(): AppError<HttpErrorCode> {
  return new AppError('cursor_invalid', 'The cursor is not one that this list gave with these filters.', {
    field: 'query.cursor',
    remedy: 'Pass `next` of the page before and repeat its filters, or leave the cursor out to start over.',
  })
}

/** `+` is written as `%2B`, so that form decoders in between can't turn it into a space. */
function queryString(query: Readonly<Record<string, unknown>>): string {
  return Object.entries(query)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join('&')
}
