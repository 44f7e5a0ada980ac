import { AppError, isAppError } from '../../core/app-error.ts'
import { differingParts, type ChangeKind } from '../../core/change-kind.ts'
import type { Digest } from '../../core/digest.ts'
import { isFreeText } from '../../core/free-text.ts'
import type { Binding, PackManifest } from '../model.ts'
import { resolveParameters } from '../parameters.ts'
import type { BindingStore } from '../ports.ts'
import { policyTarget } from '../targets.ts'
import { removedEntry } from './entries.ts'
import { bindingsUnfit, inUse, policyNotFound, shippedPolicy, versionUnusable, type PolicyErrorCode } from './errors.ts'
import type { ActivationRequest, PolicyStore } from './ports.ts'
import type { RunnableVersions } from './runnable-versions.ts'

/** What `latest` shall stand for: a newer version, or an earlier one, which is a rollback. */
export interface PolicyActivationRequest {
  name: string
  digest: Digest
  reason?: string
}

export type PolicyActivation = ChangeKind<PolicyActivationRequest, { moved: boolean; from: Digest | null }>
export type PolicyRemoval = ChangeKind<{ name: string }, boolean>

/** What changes of policies are checked with. */
export interface PolicyChangeParts {
  store: Pick<PolicyStore, 'heads' | 'find'>
  bindings: Pick<BindingStore, 'all'>
  versions: Pick<RunnableVersions, 'during'>
}

const MAX_REASON = 2000

/**
 * Moves `latest`, which is what most bindings run. Planning it throws `policy_not_found`, `policy_bindings_unfit`, `policy_version_unusable` or
 * `policy_reason_invalid`.
 */
export function policyActivation({ store, bindings, versions }: PolicyChangeParts): PolicyActivation {
  return {
    scope: 'policies:write',
    target: ({ name }) => policyTarget(name),
    async plan(_access, { name, digest, reason }, { by, cause }) {
      const [heads, [version], all] = await Promise.all([store.heads(), store.find([{ name, digest }]), bindings.all()])
      const head = heads.find((each) => each.name === name)
      if (!head || !version) throw policyNotFound(head ? 'path.digest' : 'path.name')
      const following = all.filter(({ pack, version: pinned }) => pack === name && pinned === 'latest')
      requireFit(following, version.manifest)
      await versions.during([{ name, digest }], async (faults) => {
        for (const fault of faults.values()) throw versionUnusable(name, fault)
      })
      const args: ActivationRequest = {
        ...{ name, to: digest, by: by.name, reason: readReason(reason), cause },
        checked: following.map((binding) => ({ name: binding.name, revision: binding.revision })),
      }
      return {
        summary: `Move "latest" of the policy "${name}", which ${following.length} ${following.length === 1 ? 'binding follows' : 'bindings follow'}.`,
        ...differingParts({ latest: head.latest }, { latest: digest }),
        // Whether another version is looser can't be told.
        guarded: head.latest !== digest && following.some(({ mode }) => mode !== 'shadow') && 'loosening',
        effect: { operation: 'activatePolicy', args },
      }
    },
    resultOf: (outcome) => outcome as { moved: boolean; from: Digest | null },
  }
}

/** Takes a policy away that no binding names. Planning it throws `policy_not_found`, `policy_shipped` or `policy_in_use`. */
export function policyRemoval({ store, bindings }: Pick<PolicyChangeParts, 'store' | 'bindings'>): PolicyRemoval {
  return {
    scope: 'policies:write',
    target: ({ name }) => policyTarget(name),
    async plan(_access, { name }, { by, cause }) {
      const [heads, all] = await Promise.all([store.heads(), bindings.all()])
      const head = heads.find((each) => each.name === name)
      if (!head) throw policyNotFound('path.name')
      if (head.origin === 'shipped') throw shippedPolicy(name)
      const users = all.filter(({ pack }) => pack === name).map((binding) => binding.name)
      if (users.length > 0) throw inUse(name, users)
      return {
        summary: `Delete the policy "${name}", which no binding names.`,
        ...differingParts({ latest: head.latest, versions: head.versionCount }, undefined),
        guarded: 'loosening',
        effect: { operation: 'removePolicy', args: { name, entry: removedEntry(name, by.name, cause) } },
      }
    },
    resultOf: (outcome) => outcome === true,
  }
}

/** @throws {AppError} `policy_bindings_unfit` if what was written for another version doesn't fit this one */
function requireFit(following: readonly Binding[], manifest: PackManifest): void {
  const unfit = following.flatMap(({ name, parameters }) => {
    const fault = faultOf(parameters, manifest)
    return fault === undefined ? [] : [{ name, fault }]
  })
  const [first] = unfit
  if (!first) return
  throw bindingsUnfit(
    manifest.digest,
    unfit.map(({ name }) => name),
    first.fault,
  )
}

function faultOf(parameters: Binding['parameters'], manifest: PackManifest): string | undefined {
  try {
    resolveParameters(manifest, parameters)
    return undefined
  } catch (error) {
    if (isAppError(error)) return error.message
    throw error
  }
}

function readReason(text: string | undefined): string | null {
  if (text === undefined) return null
  if (isFreeText(text, MAX_REASON)) return text
  throw new AppError<PolicyErrorCode>('policy_reason_invalid', 'The reason is empty, too long or has control characters.', {
    field: 'body.reason',
    remedy: `Write 1 to ${MAX_REASON} characters on one line.`,
  })
}
