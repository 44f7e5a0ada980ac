import { sha256Digest } from '../core/digest.ts'
import type { EntryDraft } from '../core/log-entry.ts'
import { credentialName, type Access } from '../core/principal.ts'
import type { Decision } from './decision.ts'

const UNSEALED = sha256Digest('')

/**
 * The log entry of a decision. What context and identity say, and why the glass was broken, can name people and lies beside the leaf.
 * `body.digest` is set by the store, which writes the record that it names.
 */
export function decisionEntry(decision: Decision, access: Access, requestId: string): EntryDraft {
  return {
    type: 'decision',
    at: decision.at,
    actor: access.principal.id,
    subject: decision.subject,
    stage: decision.stage,
    environment: decision.environment,
    requestId,
    body: {
      digest: UNSEALED,
      id: decision.id,
      verdict: decision.verdict,
      enforced: decision.enforced,
      expiresAt: decision.expiresAt,
      inputDigest: decision.inputDigest,
      repository: decision.repository,
      project: decision.project,
      credential: credentialName(access.credential),
      verified: decision.verified,
      declared: decision.declared,
      contradicted: decision.contradicted,
      restsOn: decision.restsOn.map(({ kind, id }) => ({ kind, id })),
      rollback: decision.rollback?.deployment ?? null,
      breakGlass: decision.breakGlass && { until: decision.breakGlass.until, bindings: decision.breakGlass.bindings },
      rules: ruleNames(decision.violations),
      warnings: ruleNames(decision.warnings),
      shadow: ruleNames(decision.shadow),
      evidence: decision.evidence,
      policies: decision.policies,
    },
    detail: {
      context: decision.context as EntryDraft['detail'][string],
      ...(decision.identity && { identity: decision.identity }),
      ...(decision.breakGlass && { breakGlass: { reason: decision.breakGlass.reason, incident: decision.breakGlass.incident } }),
    },
  }
}

function ruleNames(violations: readonly { rule: string }[]): string[] {
  return [...new Set(violations.map(({ rule }) => rule))].sort()
}
