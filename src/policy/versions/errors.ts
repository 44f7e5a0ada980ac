import { AppError } from '../../core/app-error.ts'
import type { Digest } from '../../core/digest.ts'

export type PolicyErrorCode =
  | 'policy_not_found'
  | 'policy_name_malformed'
  | 'policy_name_taken'
  | 'policy_version_not_found'
  | 'policy_version_unusable'
  | 'policy_bindings_unfit'
  | 'policy_reason_invalid'
  | 'policy_in_use'
  | 'policy_shipped'
  | 'policies_too_many'
  | 'policy_versions_too_many'

/** Most policies at a time. */
export const MAX_POLICIES = 1000
/** Most versions that one policy may ever have: they are kept, since decisions name them. */
export const MAX_VERSIONS = 1000

export function nameMalformed(name: string): AppError<PolicyErrorCode> {
  return new AppError('policy_name_malformed', `"${name.slice(0, 80)}" is no name for a policy.`, {
    field: 'path.name',
    remedy: 'Use words of lower-case letters and digits, joined by dashes or underscores, 63 characters at most; "gate" is taken.',
  })
}

export function nameTaken(name: string): AppError<PolicyErrorCode> {
  return new AppError('policy_name_taken', `The policy "${name}" comes with Portcullis: nobody else makes versions of it.`, {
    field: 'path.name',
    remedy: 'Upload it under a name of your own, and bind that one.',
  })
}

/** Also for what the asker may not see. */
export function policyNotFound(field: 'path.name' | 'path.digest'): AppError<PolicyErrorCode> {
  const what = field === 'path.name' ? 'policy of that name' : 'such version of the policy'
  return new AppError('policy_not_found', `There is no ${what}, or this token may not see it.`, {
    field,
    remedy: field === 'path.name' ? 'GET /v1/policies lists them.' : 'GET /v1/policies/{name}/versions lists them.',
  })
}

/** @param fault why the engine can't run it */
export function versionUnusable(name: string, fault: string): AppError<PolicyErrorCode> {
  return new AppError('policy_version_unusable', `This version of the policy "${name}" can't be run: ${fault}`, {
    field: 'path.digest',
    remedy: 'Upload it again, compiled for what this version of Portcullis offers.',
  })
}

/**
 * @param bindings names of those whose parameters don't fit
 * @param fault of the first of them
 */
export function bindingsUnfit(version: Digest, bindings: readonly string[], fault: string): AppError<PolicyErrorCode> {
  return new AppError(
    'policy_bindings_unfit',
    `The bindings ${bindings.join(', ')} follow "latest" with parameters that version ${version} doesn't take. Of the first: ${fault}`,
    {
      field: 'path.name',
      remedy: 'The version is kept: change these bindings, or pin them to the version that they run now, and activate it then.',
    },
  )
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
