import type { WorkloadFacts } from '../../../core/workload-identity.ts'

/** Facts, some of which the token may not prove. */
type ReadFacts = { [Name in keyof WorkloadFacts]: string | undefined }

/** Only what is proven. */
export function proven(facts: ReadFacts): WorkloadFacts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined))
}
