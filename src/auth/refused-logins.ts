import { canonicalDigest } from '../core/canonical-json.ts'
import type { EntryDraft } from '../core/log-entry.ts'
import { formatInstant } from '../core/time.ts'
import type { JwtErrorCode } from './jwt/errors.ts'
import type { EntryAppender } from './ports.ts'

export type TokenRefusal = 'token_unknown' | 'token_expired' | 'token_revoked' | 'principal_disabled'

/** Why a login was refused: a good JWT can be one that no rule gives any rights. */
export type RefusalReason = TokenRefusal | Exclude<JwtErrorCode, 'issuer_unreachable'> | 'identity_unknown'

/** A refused login. A request without any token is none. */
export interface RefusedLogin {
  reason: RefusalReason
  /** Network address of the client. */
  address: string
  /** Whose token it was, if it is known. */
  tokenId: string | undefined
  /** Name of the issuer of a JWT, if it is one of ours. */
  issuer?: string | undefined
  /** What of a JWT was refused. Attacker-controlled; of logins that are counted together the first one's is kept. */
  claimed?: string | undefined
}

interface Tally extends RefusedLogin {
  count: number
  from: number
  to: number
}

/** Attackers choose their addresses: beyond this many a flush, refusals are counted together, so that neither memory nor log grows. */
const MAX_TALLIES = 100
const MANY = 'many addresses'

/** Counts refused logins into one log entry per address, reason, token and issuer for each flush. */
export class RefusedLogins {
  readonly #appender: EntryAppender
  #tallies = new Map<string, Tally>()

  constructor(appender: EntryAppender) {
    this.#appender = appender
  }

  /** @param at milliseconds since the epoch */
  note(login: RefusedLogin, at: number): void {
    this.#add({ ...login, count: 1, from: at, to: at })
  }

  /** Appends what was counted; what could not be appended is counted on. @param at milliseconds since the epoch */
  async flush(at: number): Promise<void> {
    if (this.#tallies.size === 0) return
    const tallies = this.#tallies
    this.#tallies = new Map()
    try {
      await this.#appender.append([...tallies.values()].map((tally) => refusedEntry(tally, at)))
    } catch (error) {
      for (const tally of tallies.values()) this.#add(tally)
      throw error
    }
  }

  #add(tally: Tally): void {
    const key = JSON.stringify([tally.address, tally.reason, tally.tokenId, tally.issuer])
    const known = this.#tallies.get(key)
    if (known) {
      known.count += tally.count
      known.from = Math.min(known.from, tally.from)
      known.to = Math.max(known.to, tally.to)
    } else if (this.#tallies.size < MAX_TALLIES || tally.address === MANY) {
      this.#tallies.set(key, { ...tally, address: tally.address.slice(0, 64) })
    } else {
      this.#add({ ...tally, address: MANY, tokenId: undefined, issuer: undefined, claimed: undefined })
    }
  }
}

function refusedEntry({ reason, address, tokenId, issuer, claimed, count, from, to }: Tally, at: number): EntryDraft {
  const facts = { reason, tokenId, issuer, count, from: formatInstant(from), to: formatInstant(to) }
  return {
    type: 'login.refused',
    at: formatInstant(at),
    actor: 'system',
    body: { digest: canonicalDigest(facts), ...facts },
    detail: { address, ...(claimed !== undefined && { claimed }) },
  }
}
