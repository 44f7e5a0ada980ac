import { AppError } from '../../core/app-error.ts'

export type PolicyErrorCode =
  'policy_name_taken' | 'policy_version_not_found' | 'policy_in_use' | 'policy_shipped' | 'policies_too_many' | 'policy_versions_too_many'

/** Most policies at a time. */
export const MAX_POLICIES = 1000
/** Most versions that one policy may ever have: they are kept, since decisions name them. */
export const MAX_VERSIONS = 1000

export function nameTaken(name: string): AppError<PolicyErrorCode> {
  return new AppError('policy_name_taken', `The policy "${name}" comes with Portcullis: nobody else makes versions of it.`, {
    field: 'path.name',
    remedy: 'Upload it under a name of your own, and bind that one.',
  })
}

/** @param field where the version was named */
export function versionNotFound(name: string, version: string, field: string): AppError<PolicyErrorCode> {
  const which = version === 'latest' ? 'no version that was activated' : `no version ${version.slice(0, 80)}`
  return new AppError('policy_version_not_found', `The policy "${name}" has ${which}.`, {
    field,
    remedy: `GET /v1/policies/${name}/versions lists them; the digest of one in full, or "latest" once one was activated.`,
  })
}

export function inUse(name: string, bindings: readonly string[]): AppError<PolicyErrorCode> {
  return new AppError('policy_in_use', `The policy "${name}" is used by the bindings ${bindings.join(', ')}.`, {
    field: 'path.name',
    remedy: 'Delete these bindings, or give them another pack.',
  })
}

export function shippedPolicy(name: string): AppError<PolicyErrorCode> {
  return new AppError('policy_shipped', `The policy "${name}" comes with Portcullis and stays.`, {
    field: 'path.name',
    remedy: 'Delete the bindings that name it: a policy without one judges nothing.',
  })
}

export function tooManyPolicies(): AppError<PolicyErrorCode> {
  return new AppError('policies_too_many', `There are ${MAX_POLICIES} policies already.`, {
    field: 'path.name',
    remedy: 'Delete policies that no binding names.',
  })
}

export function tooManyVersions(name: string): AppError<PolicyErrorCode> {
  return new AppError('policy_versions_too_many', `The policy "${name}" has ${MAX_VERSIONS} versions already.`, {
    field: 'path.name',
    remedy: 'Go on under another name.',
  })
}
