import type { Logger } from 'pino'

import { canonicalDigest } from '../core/canonical-json.ts'
import type { SecondPerson } from '../core/change-kind.ts'
import type { Clock } from '../core/clock.ts'
import type { EntryDraft } from '../core/log-entry.ts'
import { formatInstant } from '../core/time.ts'
import type { LoadedPack } from '../policy/engine/load-packs.ts'
import type { Storage } from '../storage/storage.ts'

/** Notes the start, and every pack version that this log has not seen before. */
export async function recordStart(storage: Storage, packs: readonly LoadedPack[], clock: Clock, secondPerson: SecondPerson): Promise<void> {
  const at = formatInstant(clock.now())
  const known = await publishedVersions(storage)
  const fresh = packs.filter(({ manifest }) => !known.has(manifest.digest))
  const published = fresh.map(({ manifest }): EntryDraft => {
    const body = { pack: manifest.name, version: manifest.digest, wasm: manifest.wasmDigest, opa: manifest.opa }
    return { type: 'policy.published', at, actor: 'system', body: { digest: canonicalDigest(body), ...body }, detail: {} }
  })
  const zones = process.versions['tz'] ?? null
  const body = { node: process.versions.node, zones, packs: packs.map(({ manifest }) => manifest.digest), secondPerson }
  await storage.entries.append([
    ...published,
    { type: 'service.started', at, actor: 'system', body: { digest: canonicalDigest(body), ...body }, detail: {} },
  ])
}

async function publishedVersions(storage: Storage): Promise<Set<unknown>> {
  const versions = new Set<unknown>()
  let after: string | undefined
  do {
    const page = await storage.log.entries({ type: 'policy.published' }, { limit: 200, ...(after !== undefined && { after }) })
    for (const { leaf } of page.items) versions.add((JSON.parse(leaf) as { body: { version?: unknown } }).body.version)
    after = page.next ?? undefined
  } while (after !== undefined)
  return versions
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
