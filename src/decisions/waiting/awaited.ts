import type { Ruled } from '../ruling.ts'

/** Whether a denial could still become an allow by what others do: every violation lacks something that may come, evidence or an approval. */
export function isAwaited({ ruling: { verdict, violations } }: Pick<Ruled, 'ruling'>): boolean {
  return verdict === 'deny' && violations.every(({ missing }) => missing.length > 0)
}
