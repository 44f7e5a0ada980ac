import { canonicalDigest } from '../../core/canonical-json.ts'
import type { EntryDraft } from '../../core/log-entry.ts'
import { credentialName, type Access } from '../../core/principal.ts'
import type { Deployment, DeploymentEnd, StartedDeployment } from './deployment.ts'

/** The log entry of a start. Target and context are free text and lie beside the leaf. */
export function startedEntry(deployment: StartedDeployment, access: Access, requestId: string): EntryDraft {
  const { id, subject, environment, repository, decisionId, groundedBy, grounded, bypass, receivedAt } = deployment
  const { target, context, identity, verified, declared, contradicted } = deployment
  return {
    type: 'deployment.started',
    at: receivedAt,
    actor: access.principal.id,
    subject,
    environment,
    requestId,
    body: {
      digest: canonicalDigest(deployment),
      id,
      repository,
      decisionId,
      groundedBy,
      grounded,
      bypass,
      credential: credentialName(access.credential),
      verified,
      declared,
      contradicted,
    },
    detail: { target, context: context as EntryDraft['detail'][string], ...(identity && { identity }) },
  }
}

/** The log entry of an end. The reason is free text and lies beside the leaf. */
export function finishedEntry(end: DeploymentEnd, { id, subject, environment }: Deployment, access: Access, requestId: string): EntryDraft {
  return {
    type: 'deployment.finished',
    at: end.finishedAt,
    actor: access.principal.id,
    subject,
    environment,
    requestId,
    body: { digest: canonicalDigest(end), id, outcome: end.outcome },
    detail: { reason: end.reason },
  }
}
