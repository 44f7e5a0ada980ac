import type { Page, PageRequest } from '../core/page.ts'

/** One page of a list that is short enough to be read whole; `after` is the key of the last item before the page. */
export function pageOf<Item>(items: readonly Item[], keyOf: (item: Item) => string, { limit, after }: PageRequest): Page<Item> {
  const sorted = items.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
  const rest = after === undefined ? sorted : sorted.filter((item) => keyOf(item) > after)
  const page = rest.slice(0, limit)
  const last = page.at(-1)
  return { items: page, next: rest.length > page.length && last !== undefined ? keyOf(last) : null }
}
