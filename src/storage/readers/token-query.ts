import type { TokenFilter, TokenState, TokenTally } from '../../auth/ports.ts'
import type { People } from '../../core/people.ts'
import { Conditions } from './conditions.ts'
import type { ReadSession } from './session.ts'

const STANDING = 'revoked_at is null and superseded_by is null'
const NOT_EXPIRED = '(expires_at is null or expires_at > ?)'
/** As the indexes for counting have it. */
const COUNTED = `${STANDING} and kind <> 'session'`

/** What a token in this state looks like; the question mark is the time at which it is asked. The same as `stateOf`. */
const STATES: Readonly<Record<TokenState, string>> = {
  active: `${STANDING} and ${NOT_EXPIRED}`,
  expired: `${STANDING} and expires_at <= ?`,
  superseded: 'revoked_at is null and superseded_by is not null',
  revoked: 'revoked_at is not null',
}

const LAST_SIGN = 'coalesce(last_used_at, created_at)'

export function tokenConditions(session: ReadSession, filter: TokenFilter): Conditions {
  const { principalId, familyId, kind, state, expiresBefore, unusedSince, people } = filter
  const conditions = new Conditions()
    .addIf(principalId, 'principal_id = ?')
    .addIf(familyId, 'family_id = ?')
    .addIf(kind, 'kind = ?')
    .addIf(expiresBefore, 'expires_at < ?')
    .addIf(unusedSince, `${LAST_SIGN} < ?`)
  if (people) addPeople(conditions, session, 'principal_id', people)
  if (!state) return conditions
  const condition = STATES[state.name]
  return condition.includes('?') ? conditions.add(condition, state.at) : conditions.add(condition)
}

/** Only rows in which the column is the id of one of these principals. */
export function addPeople(conditions: Conditions, session: ReadSession, column: string, { members, groups }: People): void {
  const named = `select id from principals where ${session.oneOf('name')}`
  const grouped = `select principal_id from principal_groups where ${session.oneOf('name')}`
  conditions.add(`${column} in (${named} union ${grouped})`, members, groups)
}

/** Counts active tokens, each condition along its index; logins, which come and go by themselves, are none. */
export async function tallyTokens(
  session: ReadSession,
  at: string,
  expiresBefore: readonly string[],
  unusedSince: readonly string[],
): Promise<TokenTally> {
  const count = async (condition: string, ...parameters: string[]): Promise<number> => {
    const [row] = await session.all(`select count(*) as found from tokens where ${COUNTED} and ${condition}`, parameters)
    return Number(row?.['found'])
  }
  const [endless, ending] = [await count('expires_at is null'), await count('expires_at > ?', at)]
  const expiring: number[] = []
  for (const bound of expiresBefore) expiring.push(await count('expires_at > ? and expires_at < ?', at, bound))
  const unused: number[] = []
  for (const bound of unusedSince) unused.push(await count(`${LAST_SIGN} < ? and ${NOT_EXPIRED}`, bound, at))
  return { active: endless + ending, expiring, unused }
}
