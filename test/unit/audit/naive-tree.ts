import { leafHash, nodeHash, emptyRoot, type TreeHash } from '../../../src/audit/merkle.ts'

// The definitions of RFC 6962, section 2.1, word for word and slow: what the code under test is compared with.

export function leaves(count: number): TreeHash[] {
  return Array.from({ length: count }, (_, at) => leafHash(`leaf ${at}`))
}

function split(size: number): number {
  let k = 1
  while (k * 2 < size) k *= 2
  return k
}

export class NaiveTree {
  readonly #leaves: readonly TreeHash[]
  readonly #known = new Map<string, TreeHash>()

  constructor(leafHashes: readonly TreeHash[]) {
    this.#leaves = leafHashes
  }

  /** MTH(D[start:end]) */
  root(start: number, end: number): TreeHash {
    const key = `${start}:${end}`
    const known = this.#known.get(key) ?? this.#root(start, end)
    this.#known.set(key, known)
    return known
  }

  #root(start: number, end: number): TreeHash {
    if (start === end) return emptyRoot()
    if (end - start === 1) return this.#leaves[start] ?? emptyRoot()
    const k = split(end - start)
    return nodeHash(this.root(start, start + k), this.root(start + k, end))
  }

  /** PATH(m, D[start:end]) */
  path(m: number, start: number, end: number): TreeHash[] {
    if (end - start === 1) return []
    const k = split(end - start)
    return m < k
      ? [...this.path(m, start, start + k), this.root(start + k, end)]
      : [...this.path(m - k, start + k, end), this.root(start, start + k)]
  }

  /** SUBPROOF(m, D[start:end], whole) */
  subproof(m: number, start: number, end: number, whole: boolean): TreeHash[] {
    if (m === end - start) return whole ? [] : [this.root(start, end)]
    const k = split(end - start)
    return m <= k
      ? [...this.subproof(m, start, start + k, whole), this.root(start + k, end)]
      : [...this.subproof(m - k, start + k, end, false), this.root(start, start + k)]
  }
}
