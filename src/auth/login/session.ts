import { randomBytes } from 'node:crypto'

import { durationMs } from '../../core/duration.ts'
import { newId } from '../../core/id.ts'
import { formatInstant } from '../../core/time.ts'
import type { Rights } from '../authorize.ts'
import { hashToken, hintOf } from '../token.ts'
import type { LoginProvider, SessionDraft } from './ports.ts'

/** A session ends when it was not used for so long, in milliseconds. */
export const SESSION_IDLE_MS = 60 * 60_000

const SESSION_BYTES = 32

/** A new session; its text, 256 random bits in base64url, is in the browser's cookie alone. @param now milliseconds since the epoch */
export function newSession(provider: LoginProvider, rights: Rights, now: number): { text: string; session: SessionDraft } {
  const text = randomBytes(SESSION_BYTES).toString('base64url')
  const session = {
    id: newId(),
    hash: hashToken(text),
    hint: hintOf(text),
    login: provider.name,
    rights,
    createdAt: formatInstant(now),
    expiresAt: formatInstant(now + lifetimeSeconds(provider) * 1000),
  }
  return { text, session }
}

/** How long a session of this provider lasts at most. */
export function lifetimeSeconds({ login }: LoginProvider): number {
  return Math.floor((durationMs(login.sessionLifetime) ?? 0) / 1000)
}
