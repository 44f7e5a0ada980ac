import type { Logger } from 'pino'

import { canonicalDigest } from '../core/canonical-json.ts'
import type { SecondPerson } from '../core/change-kind.ts'
import type { Clock } from '../core/clock.ts'
import type { EntryDraft } from '../core/log-entry.ts'
import { formatInstant } from '../core/time.ts'
import type { LoadedPack } from '../policy/engine/load-packs.ts'
import { registerShipped } from '../policy/versions/shipped.ts'
import type { Storage } from '../storage/storage.ts'

/** Notes what this release ships, as far as the store has never seen it, and the start. */
export async function recordStart(
  storage: Storage,
  packs: readonly LoadedPack[],
  parts: { clock: Clock; logger: Logger; secondPerson: SecondPerson },
): Promise<void> {
  const { clock, logger, secondPerson } = parts
  const taken = await registerShipped(storage.policies, packs, clock)
  if (taken.length > 0) logger.warn({ policies: taken }, 'shipped policies are left out, since others have their names')
  const zones = process.versions['tz'] ?? null
  const body = { node: process.versions.node, zones, packs: packs.map(({ manifest }) => manifest.digest), secondPerson }
  const digest = canonicalDigest(body)
  await storage.entries.append([
    { type: 'service.started', at: formatInstant(clock.now()), actor: 'system', body: { digest, ...body }, detail: {} },
  ])
}

export async function recordStop(storage: Storage, clock: Clock, logger: Logger): Promise<void> {
  const body = { reason: 'shutdown' }
  const entry: EntryDraft = {
    type: 'service.stopped',
    at: formatInstant(clock.now()),
    actor: 'system',
    body: { digest: canonicalDigest(body), ...body },
    detail: {},
  }
  await storage.entries.append([entry]).catch((error: unknown) => logger.error({ err: error }, 'the stop could not be recorded'))
}
