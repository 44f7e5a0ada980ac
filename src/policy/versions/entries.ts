import { canonicalDigest } from '../../core/canonical-json.ts'
import { entryHeader } from '../../core/entry-header.ts'
import type { Cause, EntryDraft } from '../../core/log-entry.ts'
import { activationRecord, policyDeletionRecord, policyVersionRecord, type Activation } from './records.ts'
import type { PolicyVersion } from './version.ts'

/** That a version can be bound and run from now on. */
export function publishedEntry(version: PolicyVersion, cause: Cause): EntryDraft {
  const { manifest, origin, createdBy } = version
  return {
    ...entryHeader('policy.published', cause),
    body: {
      digest: canonicalDigest(policyVersionRecord(version)),
      pack: manifest.name,
      version: manifest.digest,
      wasm: manifest.wasmDigest,
      opa: manifest.opa,
      origin,
    },
    detail: { createdBy },
  }
}

/** That bindings which follow `latest` run another version from now on. A rollback is the same. */
export function activatedEntry(activation: Activation, reason: string | null, cause: Cause): EntryDraft {
  const { name, from, to, by } = activation
  return {
    ...entryHeader('policy.activated', cause),
    body: { digest: canonicalDigest(activationRecord(activation)), pack: name, from, to },
    detail: { by, ...(reason !== null && { reason }) },
  }
}

/** That a policy can no longer be bound. */
export function removedEntry(name: string, by: string, cause: Cause): EntryDraft {
  return {
    ...entryHeader('policy.removed', cause),
    body: { digest: canonicalDigest(policyDeletionRecord(name)), pack: name },
    detail: { by },
  }
}
