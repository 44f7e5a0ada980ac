/** A request for one page of a list. */
export interface PageRequest {
  /** Most items to return. */
  limit: number
  /** Opaque position behind which the page starts, as an earlier page gave it. */
  after?: string
}

/** One page of a list in stable order; `next` is the position of the following page, or null at the end. */
export interface Page<Item> {
  items: Item[]
  next: string | null
}
