import { hash } from 'node:crypto'

import { MAX_CLOCK_SKEW_MS } from '../../core/clock.ts'
import type { WriteBatch } from '../writer/write-batch.ts'

interface UsedJwt {
  issuer: string
  tokenId: string
  /** Milliseconds since the epoch. */
  until: number
}

/** Notes that a token was used. The writers of all replicas take turns, so of two the second one sees it. @returns false if it was used before */
export async function claimJti(batch: WriteBatch, { issuer, tokenId, until }: UsedJwt): Promise<boolean> {
  // Hashed, since PostgreSQL takes no NUL in a text, and an issuer chooses what stands in it.
  const id = hash('sha256', JSON.stringify([issuer, tokenId]), 'hex')
  if (await batch.engine.get('select until from used_jwts where id = ?', [id])) return false
  await batch.engine.run('insert into used_jwts (id, until) values (?, ?)', [id, until])
  return true
}

/** Deletes tokens that have ended, by the slowest clock too. @param now milliseconds since the epoch */
export async function forgetUsedJwts(batch: WriteBatch, now: number): Promise<void> {
  await batch.engine.run('delete from used_jwts where until <= ?', [now - MAX_CLOCK_SKEW_MS])
}
