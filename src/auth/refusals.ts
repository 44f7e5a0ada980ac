import { canonicalDigest } from '../core/canonical-json.ts'
import { withoutCredentials } from '../core/credential-text.ts'
import type { Clock } from '../core/clock.ts'
import type { EntryDraft } from '../core/log-entry.ts'
import { formatInstant } from '../core/time.ts'
import type { JwtErrorCode } from './jwt/errors.ts'
import type { PersonRefusal } from './login/errors.ts'
import type { EntryAppender } from './ports.ts'
import { Tallies, type Tally } from './tallies.ts'
import type { WorkloadErrorCode } from './workload/errors.ts'

/** Why a token or session was refused. */
export type TokenRefusal =
  | 'token_unknown'
  | 'token_damaged'
  | 'token_expired'
  | 'token_superseded'
  | 'token_revoked'
  | 'principal_disabled'
  | 'session_idle'
  | 'rights_withdrawn'
  | 'login_outdated'

/** Why a login was refused: a good JWT can be one that no rule gives any rights. */
export type LoginRefusal =
  | TokenRefusal
  | PersonRefusal
  | Exclude<JwtErrorCode, 'issuer_unreachable'>
  | WorkloadErrorCode
  | 'certificate_refused'
  | 'too_many_failed_logins'

/** A refused login. A request without any credential is none. */
export interface RefusedLogin {
  reason: LoginRefusal
  /** Network address of the client. */
  address: string
  /** Whose token it was, if it is known. */
  tokenId?: string | undefined
  /** Name of the issuer of a JWT, if it is one of ours. */
  issuer?: string | undefined
  /** What of a JWT was refused. Attacker-controlled; of logins that are counted together the first one's is kept. */
  claimed?: string | undefined
}

/** Something that somebody was not allowed to do, or not so often. */
export interface RefusedAccess {
  /** Who it was; undefined if it isn't known, or is nobody here. */
  principalId: string | undefined
  /** Id from the contract, or `unknown`. */
  operation: string
  /** Why: a code of docs/errors.md. */
  code: string
  /** Network address of the client. Kept only where nobody else is known to have asked. */
  address: string
}

export interface RefusalsParts {
  appender: EntryAppender
  clock: Clock
  /** Told of what could not be written; it is tried again. */
  onFailure: (error: unknown) => void
}

const FLUSH_MS = 60_000
const LONGEST_ADDRESS = 64
const MANY = 'many addresses'
const MOST_LOGINS = 100
const MOST_ACCESSES = 100
/** A stranger gets no more of the log than this. */
const MOST_STRANGERS = 20

/**
 * Counts what was refused and writes it into the log once a minute, and at the end: an entry for each address, reason and token, and one
 * for each principal, operation and code. What isn't written yet when the process dies is lost.
 */
export class Refusals implements AsyncDisposable {
  readonly #parts: RefusalsParts
  readonly #timer: NodeJS.Timeout
  readonly #logins = new Tallies<RefusedLogin>(MOST_LOGINS, loginKey, ({ reason }) => ({ reason, address: MANY }))
  readonly #accesses = new Tallies(MOST_ACCESSES, accessKey, (access) => ({ ...access, principalId: 'many', operation: 'many' }))
  readonly #strangers = new Tallies(MOST_STRANGERS, accessKey, (access) => ({ ...access, operation: 'many', address: MANY }))

  constructor(parts: RefusalsParts) {
    this.#parts = parts
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS).unref()
  }

  login(login: RefusedLogin): void {
    const { address, claimed } = login
    const kept = { ...login, address: address.slice(0, LONGEST_ADDRESS), claimed: claimed && withoutCredentials(claimed) }
    this.#logins.note(kept, this.#parts.clock.now())
  }

  access(access: RefusedAccess): void {
    const now = this.#parts.clock.now()
    if (access.principalId === undefined) this.#strangers.note({ ...access, address: access.address.slice(0, LONGEST_ADDRESS) }, now)
    else this.#accesses.note({ ...access, address: '' }, now)
  }

  /** Writes what was counted. Never rejects. */
  async flush(): Promise<void> {
    const at = formatInstant(this.#parts.clock.now())
    const logins = this.#logins.take()
    const accesses = this.#accesses.take()
    const strangers = this.#strangers.take()
    const entries = [...logins.map((tally) => loginEntry(tally, at)), ...[...accesses, ...strangers].map((tally) => accessEntry(tally, at))]
    if (entries.length === 0) return
    try {
      await this.#parts.appender.append(entries)
    } catch (error) {
      this.#logins.putBack(logins)
      this.#accesses.putBack(accesses)
      this.#strangers.putBack(strangers)
      this.#parts.onFailure(error)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }
}

function loginKey({ reason, address, tokenId, issuer }: RefusedLogin): string {
  return JSON.stringify([reason, address, tokenId, issuer])
}

function accessKey({ principalId, operation, code, address }: RefusedAccess): string {
  return JSON.stringify([principalId, operation, code, address])
}

function loginEntry({ facts, ...span }: Tally<RefusedLogin>, at: string): EntryDraft {
  const { reason, tokenId, issuer, address, claimed } = facts
  const body = { reason, tokenId, issuer, ...written(span) }
  const detail = { address, ...(claimed !== undefined && { claimed }) }
  return { type: 'login.refused', at, actor: 'system', body: { digest: canonicalDigest(body), ...body }, detail }
}

/** The actor is whoever was refused, so that the log can be asked about them. */
function accessEntry({ facts: { principalId, operation, code, address }, ...span }: Tally<RefusedAccess>, at: string): EntryDraft {
  const body = { principalId, operation, code, ...written(span) }
  return {
    type: 'access.refused',
    at,
    actor: principalId ?? 'system',
    body: { digest: canonicalDigest(body), ...body },
    detail: address === '' ? {} : { address },
  }
}

function written({ count, from, to }: Omit<Tally<object>, 'facts'>): { count: number; from: string; to: string } {
  return { count, from: formatInstant(from), to: formatInstant(to) }
}
