import { sha256Digest } from '../../core/digest.ts'
import { displayName, firstSeenKey, type Finding, type TestTotals } from '../../evidence/index.ts'

/** One finding or failing test as a report shows it. */
export interface Occurrence {
  /** What stays the same over time: `firstSeenKey`, or the name of the test. */
  key: string
  /** What tells several of one key apart until they move: version and place. */
  detail: string
}

/** An occurrence that a baseline holds, and how often. */
export type HeldEntry = readonly [key: string, detail: string, count: number]

/** The findings as occurrences, in their order. */
export function occurrencesOf(findings: readonly Finding[]): Occurrence[] {
  return findings.map((found) => ({ key: short(firstSeenKey(found)), detail: short(`${found.version ?? ''} ${found.location ?? ''}`) }))
}

/** The failing cases as occurrences, in their order. */
export function failuresOf({ failing }: TestTotals): Occurrence[] {
  return failing.map((shown) => ({ key: short(displayName(shown)), detail: '' }))
}

/** The occurrences counted, in stable order. */
export function entriesOf(occurrences: readonly Occurrence[]): HeldEntry[] {
  const counts = new Map<string, HeldEntry>()
  for (const { key, detail } of occurrences) {
    const id = idOf(key, detail)
    counts.set(id, [key, detail, (counts.get(id)?.[2] ?? 0) + 1])
  }
  return sorted(counts)
}

/**
 * Which occurrences the entries hold. Each entry holds as many as it counts, of which those of the same detail go first: a further
 * one of the same key is new.
 */
export function heldAmong(entries: readonly HeldEntry[], occurrences: readonly Occurrence[]): boolean[] {
  const { exact, room } = tally(entries)
  const held = occurrences.map(({ key, detail }) => takeOne(exact, idOf(key, detail)) && takeOne(room, key))
  return occurrences.map(({ key }, at) => held[at] === true || takeOne(room, key))
}

/** What two reports of one lane show together: of each occurrence as many as the one that shows more. */
export function unitedEntries(a: readonly HeldEntry[], b: readonly HeldEntry[]): HeldEntry[] {
  const united = new Map(a.map((entry) => [idOf(entry[0], entry[1]), entry]))
  for (const entry of b) {
    const id = idOf(entry[0], entry[1])
    if ((united.get(id)?.[2] ?? 0) < entry[2]) united.set(id, entry)
  }
  return sorted(united)
}

/** What of the held entries is still shown: of each key as many as both count, with the details of what is shown. */
export function sharedEntries(held: readonly HeldEntry[], shown: readonly HeldEntry[]): HeldEntry[] {
  const { exact, room } = tally(held)
  const shared = new Map<string, HeldEntry>()
  const take = (entry: HeldEntry, wanted: number): void => {
    const [key, detail] = entry
    const count = Math.min(wanted, room.get(key) ?? 0)
    if (count <= 0) return
    room.set(key, (room.get(key) ?? 0) - count)
    const id = idOf(key, detail)
    shared.set(id, [key, detail, (shared.get(id)?.[2] ?? 0) + count])
  }
  for (const entry of shown) take(entry, Math.min(entry[2], exact.get(idOf(entry[0], entry[1])) ?? 0))
  for (const entry of shown) take(entry, entry[2] - (shared.get(idOf(entry[0], entry[1]))?.[2] ?? 0))
  return sorted(shared)
}

function tally(entries: readonly HeldEntry[]): { exact: Map<string, number>; room: Map<string, number> } {
  const [exact, room] = [new Map<string, number>(), new Map<string, number>()]
  for (const [key, detail, count] of entries) {
    exact.set(idOf(key, detail), count)
    room.set(key, (room.get(key) ?? 0) + count)
  }
  return { exact, room }
}

function takeOne(left: Map<string, number>, id: string): boolean {
  const count = left.get(id) ?? 0
  if (count > 0) left.set(id, count - 1)
  return count > 0
}

function idOf(key: string, detail: string): string {
  return `${key}\n${detail}`
}

function sorted(entries: ReadonlyMap<string, HeldEntry>): HeldEntry[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry)
}

const MAX_LENGTH = 256

/** Reports state these texts, of any length; a baseline is kept for years. */
function short(text: string): string {
  return text.length > MAX_LENGTH ? sha256Digest(text) : text
}
