import { matchesGlob } from '../../core/glob.ts'
import { matchesAnyRepository } from '../../core/repository.ts'
import type { FreezeException, FreezeExceptions } from './model.ts'

/** What is known for certain of whoever asks: by their credential, or by the word of the issuer of their token. */
export interface ProvenFacts {
  groups: readonly string[]
  /** Null if none is proven. */
  repository: string | null
  /** The keys of the context that are proven, with their values. */
  context: Readonly<Record<string, string>>
}

/** Of whom nothing is known. */
export const NOTHING_PROVEN: ProvenFacts = { groups: [], repository: null, context: {} }

/** The keys of a decision's context that an identity can prove. */
export const PROVABLE_KEYS = ['actor', 'trigger', 'pipeline', 'execution', 'commit', 'ref', 'baseRef'] as const

/** True if the facts meet any of the exceptions of a freeze. */
export function isExcepted({ except }: FreezeExceptions, proven: ProvenFacts): boolean {
  return except.some((exception) => isMet(exception, proven))
}

/** An exception that demands nothing is met by nobody. */
function isMet({ groups, repositories, context, contextPatterns }: FreezeException, proven: ProvenFacts): boolean {
  const demands = [
    ...(groups ? [groups.some((group) => proven.groups.includes(group))] : []),
    ...(repositories ? [proven.repository !== null && matchesAnyRepository(repositories, proven.repository)] : []),
    ...Object.entries(context ?? {}).map(([key, value]) => valueOf(proven, key) === value),
    ...Object.entries(contextPatterns ?? {}).map(([key, pattern]) => {
      const value = valueOf(proven, key)
      return value !== undefined && matchesGlob(pattern, value)
    }),
  ]
  return demands.length > 0 && demands.every((met) => met)
}

function valueOf({ context }: ProvenFacts, key: string): string | undefined {
  return Object.hasOwn(context, key) ? context[key] : undefined
}
