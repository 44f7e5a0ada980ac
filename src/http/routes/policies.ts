import { requireUnconfined } from '../../auth/authorize.ts'
import { policySight } from '../../decisions/policy-sight.ts'
import type { Digest } from '../../core/digest.ts'
import { policyNotFound } from '../../policy/versions/errors.ts'
import type { PublishedPolicy } from '../../policy/versions/policy-uploads.ts'
import { shownVersion } from '../../policy/versions/shown.ts'
import type { Call, Handlers } from '../call.ts'
import { definedOnly } from '../filters.ts'
import { waiting } from '../guarded-changes.ts'
import { replayHeader } from '../idempotency.ts'
import { pageOf } from '../page-of.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { empty, json, type Reply } from '../reply.ts'

type PolicyHandlers = Pick<
  Handlers,
  | 'listPolicies'
  | 'getPolicy'
  | 'putPolicy'
  | 'deletePolicy'
  | 'listPolicyVersions'
  | 'createPolicyVersion'
  | 'getPolicyVersion'
  | 'getPolicyBundle'
  | 'activatePolicyVersion'
>

type UploadCall = Call<'putPolicy'> | Call<'createPolicyVersion'>

/** The policies that bindings can name, and their versions. They judge everybody, so a confined token may read but not change them. */
export function policyRoutes({ policies, uploads, changes }: Pick<HttpDependencies, 'policies' | 'uploads' | 'changes'>): PolicyHandlers {
  const publish = ({ access, parameters: { name }, body, request, requestId, idempotency }: UploadCall): Promise<PublishedPolicy> => {
    requireUnconfined(access)
    const contentType = request.headers['content-type'] ?? ''
    return uploads.publish({ name, contentType, bytes: body }, { by: access.principal, requestId, idempotency })
  }
  return {
    listPolicies: async ({ access, query, path }) =>
      pageReply(
        { path, query },
        pageOf(await policies.list(policySight(access.confinement)), ({ name }) => name, pageRequest({ path, query })),
      ),

    getPolicy: async ({ access, parameters }) =>
      json(200, found(await policies.find(policySight(access.confinement), parameters.name), 'path.name')),

    putPolicy: async (call) => {
      const published = await publish(call)
      const { name, digest } = published.version.manifest
      const outcome = await changes.request(call.access, 'policy.activate', { name, digest }, call.requestId)
      return 'pending' in outcome ? waiting(outcome.pending) : uploaded(published, true)
    },

    deletePolicy: async ({ access, parameters, requestId }) => {
      requireUnconfined(access)
      const outcome = await changes.request(access, 'policy.delete', { name: parameters.name }, requestId)
      return 'pending' in outcome ? waiting(outcome.pending) : empty(204)
    },

    listPolicyVersions: async ({ access, parameters, query, path }) =>
      pageReply(
        { path, query },
        found(await policies.versions(policySight(access.confinement), parameters.name, pageRequest({ path, query })), 'path.name'),
      ),

    createPolicyVersion: async (call) => {
      const published = await publish(call)
      const { name, digest } = published.version.manifest
      const shown = await policies.version(policySight(call.access.confinement), name, digest)
      return uploaded(published, shown?.active === true)
    },

    getPolicyVersion: async ({ access, parameters: { name, digest } }) =>
      json(200, found(await policies.version(policySight(access.confinement), name, digest as Digest), 'path.digest')),

    getPolicyBundle: async ({ access, parameters: { name, digest } }) =>
      download(found(await policies.bundle(policySight(access.confinement), name, digest as Digest), 'path.digest'), name),

    activatePolicyVersion: async ({ access, parameters, body, requestId }) => {
      requireUnconfined(access)
      const { name, digest } = parameters
      const outcome = await changes.request(
        access,
        'policy.activate',
        { name, digest: digest as Digest, ...definedOnly(body ?? {}) },
        requestId,
      )
      if ('pending' in outcome) return waiting(outcome.pending)
      const { moved, from } = outcome.applied
      return json(200, { name, latest: digest, previous: from, moved })
    },
  }
}

function uploaded({ version, created, repeated, warnings }: PublishedPolicy, active: boolean): Reply {
  const { name, digest } = version.manifest
  const location = `/v1/policies/${name}/versions/${digest}`
  return json(created ? 201 : 200, { ...shownVersion(version, active), warnings }, { location, ...replayHeader(repeated) })
}

function found<Value>(value: Value | undefined, field: 'path.name' | 'path.digest'): Value {
  if (value === undefined) throw policyNotFound(field)
  return value
}

/** The bytes are a stranger's: a browser may save them, never show or run them. */
function download(bytes: Uint8Array, name: string): Reply {
  return {
    status: 200,
    contentType: 'application/gzip',
    body: bytes,
    headers: { 'content-disposition': `attachment; filename="${name}.tar.gz"`, 'content-security-policy': "default-src 'none'; sandbox" },
  }
}
