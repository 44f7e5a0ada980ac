import type { Digest } from './digest.ts'

/** The kinds of fact that the audit log records. */
export type EntryType =
  | 'log.created'
  | 'service.started'
  | 'service.stopped'
  | 'decision'
  | 'evidence.received'
  | 'deployment.started'
  | 'deployment.finished'
  | 'principal.changed'
  | 'token.issued'
  | 'token.superseded'
  | 'token.revoked'
  | 'binding.changed'
  | 'binding.deleted'
  | 'project.changed'
  | 'project.removed'
  | 'team.changed'
  | 'team.removed'
  | 'issuer.changed'
  | 'issuer.removed'
  | 'policy.published'
  | 'policy.activated'
  | 'policy.removed'
  | 'backtest.started'
  | 'backtest.finished'
  | 'resources.applied'
  | 'waiver.requested'
  | 'waiver.approved'
  | 'waiver.rejected'
  | 'waiver.revoked'
  | 'approval.requested'
  | 'approval.given'
  | 'approval.revoked'
  | 'review.closed'
  | 'window.changed'
  | 'window.removed'
  | 'freeze.changed'
  | 'freeze.removed'
  | 'block.placed'
  | 'block.lifted'
  | 'change.proposed'
  | 'change.approved'
  | 'change.rejected'
  | 'login.refused'
  | 'access.refused'

/** Who changed something, and in which request. */
export interface Cause {
  /** Id of a principal, or `system`. */
  actor: string
  /** Id of the principal who asked for it, if somebody else let it happen. */
  onBehalfOf?: string
  /** RFC 3339. */
  at: string
  requestId: string | undefined
}

/** A JSON value as it stands in log entries. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue | undefined }

/**
 * A fact to be appended to the audit log in the same transaction as the change that it tells of.
 * `audit/entry.ts` seals it: free text and addresses go beside the leaf, salted hashes of them into it.
 */
export interface EntryDraft {
  type: EntryType
  /** RFC 3339, UTC. */
  at: string
  /** Id of the principal who did it; `system` for the service itself. */
  actor: string
  onBehalfOf?: string
  subject?: string
  stage?: string
  environment?: string
  requestId?: string
  /** Opaque ids, digests, rule names and verdicts only. `digest` names the canonical record that the entry speaks for. */
  body: { digest: Digest; [key: string]: JsonValue | undefined }
  /** Free text, e-mail and network addresses: stored beside the leaf and removable. */
  detail: { readonly [field: string]: JsonValue }
}
