import { differingParts, type ChangeKind } from '../core/change-kind.ts'
import { bindingNotFound, type BindingDraft, type Bindings } from './bindings.ts'
import { bindingDeletedEntry, bindingEntry } from './entries.ts'
import { loosens } from './loosening.ts'
import type { Binding } from './model.ts'
import { bindingTarget } from './targets.ts'

/** A binding that is to be as the draft says. */
export interface BindingPutRequest {
  name: string
  draft: BindingDraft
}

export type BindingPut = ChangeKind<BindingPutRequest, { binding: Binding; created: boolean }>
export type BindingRemoval = ChangeKind<{ name: string }, boolean>

/** Creates or replaces a binding. Planning it throws what `Bindings.check` throws. */
export function bindingPut(bindings: Pick<Bindings, 'check' | 'known'>): BindingPut {
  return {
    scope: 'bindings:write',
    target: ({ name }) => bindingTarget(name),
    async plan(_access, { name, draft }, { by, cause }) {
      const [{ binding, manifest }, known] = await Promise.all([bindings.check(name, draft, by.name), bindings.known(name)])
      return {
        summary: `${known ? 'Change' : 'Add'} the binding "${name}" of pack "${binding.pack}".`,
        ...differingParts(known && settingsOf(known), settingsOf(binding)),
        guarded: known !== undefined && loosens(known, binding, manifest.parameters) && 'loosening',
        effect: { operation: 'putBinding', args: { binding, runs: manifest.digest, entry: bindingEntry(binding, cause) } },
      }
    },
    resultOf: (outcome) => outcome as { binding: Binding; created: boolean },
  }
}

/** Removes a binding. Planning it throws `binding_not_found`. */
export function bindingRemoval(bindings: Pick<Bindings, 'known'>): BindingRemoval {
  return {
    scope: 'bindings:write',
    target: ({ name }) => bindingTarget(name),
    async plan(_access, { name }, { by, cause }) {
      const known = await bindings.known(name)
      if (!known) throw bindingNotFound(name)
      return {
        summary: `Remove the binding "${name}" of pack "${known.pack}".`,
        ...differingParts(settingsOf(known), undefined),
        guarded: loosens(known, undefined, {}) && 'loosening',
        effect: { operation: 'removeBinding', args: { name, entry: bindingDeletedEntry(name, by.name, cause) } },
      }
    },
    resultOf: (outcome) => outcome === true,
  }
}

function settingsOf(binding: Omit<Binding, 'revision'> & { revision?: number }): object {
  const { updatedAt: _at, updatedBy: _by, revision: _revision, ...settings } = binding
  return settings
}
