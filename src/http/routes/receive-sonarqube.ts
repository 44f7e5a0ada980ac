import { createHmac, timingSafeEqual } from 'node:crypto'

import { AppError } from '../../core/app-error.ts'
import { parseBoundedJson } from '../../core/bounded-json.ts'
import type { Handlers } from '../call.ts'
import { replayHeader } from '../idempotency.ts'
import type { HttpDependencies } from '../ports.ts'
import type { HttpErrorCode } from '../problem.ts'
import { json } from '../reply.ts'

const SIGNATURE = 'x-sonar-webhook-hmac-sha256'

/**
 * POST /integrations/sonarqube: the webhook of a quality gate, as evidence about the revision that it names.
 * https://docs.sonarsource.com/sonarqube-server/project-administration/webhooks (securing your webhooks)
 */
export function receiveSonarqube({ intake, settings }: Pick<HttpDependencies, 'intake' | 'settings'>): Pick<Handlers, 'receiveSonarqube'> {
  return {
    receiveSonarqube: async ({ access, body, query, requestId, idempotency, request }) => {
      checkSignature(body, request.get(SIGNATURE), settings.sonarqubeSecret)
      const { evidence, created, repeated } = await intake.submit(access, {
        bytes: body,
        subject: `git+https://${query.repository}@${revisionOf(body)}`,
        format: 'sonarqube',
        name: query.name,
        run: undefined,
        source: undefined,
        requestId,
        idempotency,
      })
      return json(created ? 201 : 200, evidence, { location: `/v1/evidence/${evidence.id}`, ...replayHeader(repeated) })
    },
  }
}

/** A webhook that can't be checked is refused, so that forgetting the secret doesn't open the door. */
function checkSignature(body: Uint8Array, signature: string | undefined, secret: string | undefined): void {
  if (secret === undefined) {
    throw new AppError<HttpErrorCode>('webhook_not_configured', "SonarQube's webhook is not set up here, so nothing can be checked.", {
      remedy: 'Set PORTCULLIS_SONARQUBE_WEBHOOK_SECRET to the secret of the webhook in SonarQube.',
    })
  }
  const expected = createHmac('sha256', secret).update(body).digest()
  const given = Buffer.from(/^[0-9a-f]{64}$/i.test(signature ?? '') ? (signature ?? '') : '', 'hex')
  if (given.length === expected.length && timingSafeEqual(given, expected)) return
  throw new AppError<HttpErrorCode>('webhook_signature_wrong', "The webhook's signature is missing or wrong.", {
    field: 'header.X-Sonar-Webhook-HMAC-SHA256',
    remedy: 'Give the webhook in SonarQube the same secret as PORTCULLIS_SONARQUBE_WEBHOOK_SECRET.',
  })
}

function revisionOf(body: Uint8Array): string {
  const payload = parseBoundedJson(new TextDecoder().decode(body))
  const revision = typeof payload === 'object' && payload !== null && 'revision' in payload ? payload.revision : undefined
  if (typeof revision === 'string' && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(revision)) return revision
  throw new AppError<HttpErrorCode>('webhook_revision_missing', 'The webhook names no full commit as its revision.', {
    field: 'body.revision',
    remedy: 'Let the scanner see the repository (a full clone), or set sonar.scm.revision to the commit.',
  })
}
