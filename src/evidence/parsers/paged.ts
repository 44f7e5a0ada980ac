import type { JsonObject } from './json-fields.ts'
import { itemsOf, malformed } from './report.ts'

/** What an API replied page by page. */
export interface Paged {
  items: JsonObject[]
  /** True where nothing tells that the last page was the last: there may be more. */
  mayContinue: boolean
}

/** The most that forges give at once. */
const LARGEST_PAGE = 100

/**
 * A list that may be missing, or a list of its pages. What ends with a full page may be the beginning of more.
 * @param pageSize how many the forge gives at once if nobody says how many
 * @throws {ReportError} `report_malformed`
 */
export function pagedItems(format: string, owner: JsonObject, field: string, pageSize = LARGEST_PAGE): Paged {
  const value = owner[field]
  const isPages = Array.isArray(value) && value.some((page) => Array.isArray(page))
  const pages = isPages
    ? value.map((page: unknown) => itemsOf(format, { [field]: page ?? 'no list' }, field))
    : [itemsOf(format, owner, field)]
  return {
    items: pages.flat(),
    mayContinue: isFull(
      pages.map((page) => page.length),
      pageSize,
    ),
  }
}

/**
 * A list within an object that also says how long it is, or within each of its pages.
 * @throws {ReportError} `report_malformed`
 */
export function countedItems(format: string, owner: JsonObject, field: string, list: string): Paged {
  const stated = owner[field] ?? []
  const pages = itemsOf(format, { [field]: Array.isArray(stated) ? stated : [stated] }, field)
  const items = pages.flatMap((page) => {
    if (!Array.isArray(page[list])) throw malformed(format, `has ${field} without ${list}`)
    return itemsOf(format, page, list)
  })
  const totals = pages.map((page) => page['total_count'])
  const total = totals.length === 0 ? 0 : Math.max(...totals.map((count) => (typeof count === 'number' ? count : Infinity)))
  return { items, mayContinue: !(items.length >= total) }
}

/** @param sizes of the pages in their order */
function isFull(sizes: readonly number[], pageSize: number): boolean {
  const last = sizes.at(-1) ?? 0
  if (last === 0) return false
  if (sizes.length > 1) return last >= (sizes[0] ?? 0)
  return last === pageSize || last % LARGEST_PAGE === 0
}
