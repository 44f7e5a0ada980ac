import type { Flip } from './flip.ts'

/** Flips in both directions under one name; null where there is none, such as no repository. */
interface FlipCount {
  name: string | null
  allowToDeny: number
  denyToAllow: number
}

/** How many flips each rule, repository, team and environment has, those with the most first, 100 of each. */
export interface FlipSummary {
  byRule: FlipCount[]
  byRepository: FlipCount[]
  byTeam: FlipCount[]
  byEnvironment: FlipCount[]
}

const MOST_NAMES = 100

/** Counts flips by what they are looked at by. */
export class FlipTally {
  readonly #rules = new Map<string | null, FlipCount>()
  readonly #repositories = new Map<string | null, FlipCount>()
  readonly #teams = new Map<string | null, FlipCount>()
  readonly #environments = new Map<string | null, FlipCount>()

  add(flip: Flip): void {
    for (const rule of flip.rules) count(this.#rules, rule, flip)
    count(this.#repositories, flip.repository, flip)
    for (const team of flip.teams.length > 0 ? flip.teams : [null]) count(this.#teams, team, flip)
    count(this.#environments, flip.environment, flip)
  }

  summary(): FlipSummary {
    return {
      byRule: most(this.#rules),
      byRepository: most(this.#repositories),
      byTeam: most(this.#teams),
      byEnvironment: most(this.#environments),
    }
  }
}

function count(counts: Map<string | null, FlipCount>, name: string | null, { to }: Flip): void {
  const known = counts.get(name) ?? { name, allowToDeny: 0, denyToAllow: 0 }
  counts.set(name, known)
  if (to === 'deny') known.allowToDeny++
  else known.denyToAllow++
}

function most(counts: ReadonlyMap<string | null, FlipCount>): FlipCount[] {
  const total = ({ allowToDeny, denyToAllow }: FlipCount): number => allowToDeny + denyToAllow
  return [...counts.values()].sort((a, b) => total(b) - total(a) || ((a.name ?? '') < (b.name ?? '') ? -1 : 1)).slice(0, MOST_NAMES)
}
