import type { Contributor } from '../core/contributor.ts'
import { areIndependent, ownersOf, type Access, type Owned } from '../core/principal.ts'

/** A contributor with the principals behind them. */
export interface KnownContributor extends Omit<Contributor, 'vouched'> {
  /** The forge vouches for the login, and whoever passed that on counts; of anything else only those whom it names are excluded. */
  verified: boolean
  /** Id of the principal whose login it is; null if it is nobody's, or there is none. */
  principalId: string | null
  /** Ids of the principals whose address it is. */
  addressOwners: readonly string[]
}

/** Who asks to approve what, and who made it. */
export interface FourEyesQuestion {
  approver: Owned & Pick<Access, 'person'>
  requester: Owned
  contributors: readonly KnownContributor[]
  /** Whether only who logged in counts as a person (see `auth/second-person.ts`). */
  proof: 'proven' | 'declared'
}

/**
 * Why the rule is not met.
 * - `approver_no_person`, `approver_not_proven`: nobody, or nobody who logged in, stands behind the approval
 * - `own_request`: the approver asked for it, or had the requester's credential in their hands, or the other way round
 * - `own_work`: the approver, or whoever had their credential in their hands, took part in the change
 * - `author_unverified`: nothing that counts says who the author is
 * - `contributor_unknown`: the login of somebody who took part is linked to nobody, so it could be the approver's
 */
export type FourEyesReason =
  'approver_no_person' | 'approver_not_proven' | 'own_request' | 'own_work' | 'author_unverified' | 'contributor_unknown'

/** The rule of two people: met if there is no reason against it. */
export function fourEyes(question: FourEyesQuestion): { satisfied: boolean; reasons: readonly FourEyesReason[] } {
  const reasons = [...againstPerson(question), ...againstRequest(question), ...againstWork(question)]
  return { satisfied: reasons.length === 0, reasons }
}

function againstPerson({ approver, proof }: FourEyesQuestion): FourEyesReason[] {
  if (approver.person === null) return ['approver_no_person']
  return proof === 'proven' && approver.person !== 'proven' ? ['approver_not_proven'] : []
}

function againstRequest({ approver, requester }: FourEyesQuestion): FourEyesReason[] {
  return areIndependent(approver, requester) ? [] : ['own_request']
}

/** What names somebody only ever excludes them; it takes a verified author, and a principal behind every verified login, to be sure. */
function againstWork({ approver, contributors }: FourEyesQuestion): FourEyesReason[] {
  const owners = ownersOf(approver)
  const verified = contributors.filter((contributor) => contributor.verified && contributor.login !== null)
  const reasons: FourEyesReason[] = []
  if (contributors.some((contributor) => peopleBehind(contributor).some((id) => owners.includes(id)))) reasons.push('own_work')
  if (!verified.some(({ role }) => role === 'author')) reasons.push('author_unverified')
  if (verified.some(({ principalId }) => principalId === null)) reasons.push('contributor_unknown')
  return reasons
}

function peopleBehind({ principalId, addressOwners }: KnownContributor): readonly string[] {
  return principalId === null ? addressOwners : [principalId, ...addressOwners]
}
