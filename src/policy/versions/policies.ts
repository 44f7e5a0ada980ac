import type { Digest } from '../../core/digest.ts'
import type { Page, PageRequest } from '../../core/page.ts'
import type { Binding } from '../model.ts'
import type { BindingStore } from '../ports.ts'
import type { PolicyStore } from './ports.ts'
import {
  shownPolicy,
  shownVersion,
  summaryOf,
  type PolicyDetails,
  type ShownPolicy,
  type ShownVersion,
  type VersionSummary,
} from './shown.ts'
import type { ListedHead, PolicyHead, PolicyVersion } from './version.ts'

/** Versions that stand with their policy; the rest is a list of its own. */
const SHOWN_VERSIONS = 20
const SEARCHED_VERSIONS = 200

/** What a reader may see. A policy that somebody made for others may tell of them, so it shows only with a binding that does. */
export interface PolicySight {
  /** True if nothing is hidden from the reader. */
  everything: boolean
  binding(binding: Binding): boolean
}

/** Reads policies and their versions. */
export class Policies {
  readonly #store: PolicyStore
  readonly #bindings: Pick<BindingStore, 'all'>

  constructor({ store, bindings }: { store: PolicyStore; bindings: Pick<BindingStore, 'all'> }) {
    this.#store = store
    this.#bindings = bindings
  }

  /** All that the reader may see, by name. */
  async list(sight: PolicySight): Promise<ShownPolicy[]> {
    const [heads, bindings] = await Promise.all([this.#store.heads(), this.#bindings.all()])
    const visible = heads.filter((head) => isVisible(head, bindings, sight))
    const versions = await this.#store.find(visible.map(({ name, latest, newest }) => ({ name, digest: latest ?? newest })))
    const manifests = new Map(versions.map(({ manifest }) => [manifest.name, manifest]))
    return visible.flatMap((head) => {
      const manifest = manifests.get(head.name)
      return manifest ? [shownPolicy(head, manifest)] : []
    })
  }

  async find(sight: PolicySight, name: string): Promise<PolicyDetails | undefined> {
    const [head, bindings] = await Promise.all([this.#head(sight, name), this.#bindings.all()])
    if (!head) return undefined
    const [shown] = await this.#store.find([{ name, digest: head.latest ?? head.newest }])
    if (!shown) return undefined
    const { items } = await this.#store.versions(name, { limit: SHOWN_VERSIONS })
    const users = bindings.filter((binding) => binding.pack === name && sight.binding(binding))
    return {
      ...shownPolicy(head, shown.manifest),
      versions: items.map((version) => summaryOf(version, head)),
      bindings: users.map((binding) => ({ name: binding.name, version: binding.version, mode: binding.mode })),
    }
  }

  /** Newest first; undefined if there is no such policy. */
  async versions(sight: PolicySight, name: string, page: PageRequest): Promise<Page<VersionSummary> | undefined> {
    const head = await this.#head(sight, name)
    if (!head) return undefined
    const { items, next } = await this.#store.versions(name, page)
    return { items: items.map((version) => summaryOf(version, head)), next }
  }

  async version(sight: PolicySight, name: string, digest: Digest): Promise<ShownVersion | undefined> {
    const found = await this.#version(sight, name, digest)
    return found && shownVersion(found.version, found.head.latest === digest)
  }

  /** What a version was made from, as a gzipped tar archive; undefined if there is none to be had. */
  async bundle(sight: PolicySight, name: string, digest: Digest): Promise<Uint8Array | undefined> {
    const bundle = (await this.#version(sight, name, digest))?.version.bundle
    return bundle ? this.#store.bundle(bundle) : undefined
  }

  /** Whether a version of the policy, of the newest, reports a rule of that name. */
  async reports(sight: PolicySight, name: string, rule: string): Promise<boolean> {
    if (!(await this.#head(sight, name))) return false
    const { items } = await this.#store.versions(name, { limit: SEARCHED_VERSIONS })
    return items.some(({ manifest }) => manifest.rules.some((known) => known.name === rule))
  }

  /** True if the reader may see a policy of that name. */
  async has(sight: PolicySight, name: string): Promise<boolean> {
    return (await this.#head(sight, name)) !== undefined
  }

  async #version(sight: PolicySight, name: string, digest: Digest): Promise<{ head: PolicyHead; version: PolicyVersion } | undefined> {
    const [head, [version]] = await Promise.all([this.#head(sight, name), this.#store.find([{ name, digest }])])
    return head && version && { head, version }
  }

  async #head(sight: PolicySight, name: string): Promise<ListedHead | undefined> {
    const [heads, bindings] = await Promise.all([this.#store.heads(), this.#bindings.all()])
    const head = heads.find((each) => each.name === name)
    return head && isVisible(head, bindings, sight) ? head : undefined
  }
}

function isVisible({ name, origin }: PolicyHead, bindings: readonly Binding[], sight: PolicySight): boolean {
  return sight.everything || origin === 'shipped' || bindings.some((binding) => binding.pack === name && sight.binding(binding))
}
