import { AppError } from '../../core/app-error.ts'
import type { Page, PageRequest } from '../../core/page.ts'
import type { StorageErrorCode } from '../errors.ts'

const CURSOR = /^\d{1,15}$/

/**
 * The integer key behind which a page starts.
 * @throws {AppError} `cursor_invalid` if the text is none that a list gave
 */
export function cursorKey(after: string | undefined): number | undefined {
  if (after === undefined) return undefined
  if (!CURSOR.test(after)) {
    throw new AppError<StorageErrorCode>('cursor_invalid', 'This is not a cursor that a list gave.', {
      field: 'query.cursor',
      remedy: 'Follow `next` of the page before, or leave the cursor out to begin at the top.',
    })
  }
  return Number(after)
}

/** A page of what was read with one row too many. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  { limit }: PageRequest,
  keyOf: (row: Row) => number | string,
  itemOf: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { items: shown.map(itemOf), next: rows.length > limit && last !== undefined ? String(keyOf(last)) : null }
}
