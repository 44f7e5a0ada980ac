import { AppError } from '../core/app-error.ts'
import type { Clock } from '../core/clock.ts'
import { isDigest } from '../core/digest.ts'
import { durationMs } from '../core/duration.ts'
import { formatInstant } from '../core/time.ts'
import { refuseFutureSnapshot } from './baseline.ts'
import { readBreakGlassRule, type BreakGlassRule, type BreakGlassRuleErrorCode } from './break-glass.ts'
import type { CatalogueSource, PackCatalogue } from './catalogue.ts'
import type { Binding, Mode, PackManifest } from './model.ts'
import { resolveParameters } from './parameters.ts'
import type { BindingStore } from './ports.ts'
import { bindingEntry } from './entries.ts'
import { versionNotFound } from './versions/errors.ts'
import { readSelectors, type SelectorDraft, type SelectorErrorCode } from './selectors.ts'

export type BindingErrorCode =
  'binding_name_malformed' | 'binding_not_found' | 'pack_not_found' | 'validity_malformed' | BreakGlassRuleErrorCode | SelectorErrorCode

/** A binding as an administrator writes it. */
export interface BindingDraft extends SelectorDraft {
  pack: string
  /** `latest`, which it is by default, or the digest of a version. */
  version?: string
  parameters?: Readonly<Record<string, unknown>>
  mode?: Mode
  /** ISO 8601 duration. */
  validFor?: string
  /** Whether somebody may pass against it in an emergency, and for how long. */
  breakGlass?: BreakGlassRule
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/
const DEFAULT_VALIDITY = 'P7D'
const MAX_VALIDITY_MS = 366 * 24 * 60 * 60 * 1000

/** What bindings are kept and checked with. */
export interface BindingParts {
  store: BindingStore
  catalogues: CatalogueSource
  /** Names of the teams that there are. */
  teams: () => Promise<ReadonlySet<string>>
  /** Refuses a demand that nobody could meet. */
  requireReachable: (manifest: PackManifest, parameters: Readonly<Record<string, unknown>>) => Promise<void>
  clock: Clock
}

/** Which pack applies where. */
export class Bindings {
  readonly #store: BindingStore
  readonly #catalogues: CatalogueSource
  readonly #teams: BindingParts['teams']
  readonly #requireReachable: BindingParts['requireReachable']
  readonly #clock: Clock

  constructor(parts: BindingParts) {
    this.#store = parts.store
    this.#catalogues = parts.catalogues
    this.#teams = parts.teams
    this.#requireReachable = parts.requireReachable
    this.#clock = parts.clock
  }

  /** All bindings, by name. */
  list(): Promise<Binding[]> {
    return this.#store.all()
  }

  /** @throws {AppError} `binding_not_found` */
  async find(name: string): Promise<Binding> {
    const binding = await this.#store.find(name)
    if (!binding) throw bindingNotFound(name)
    return binding
  }

  /** The binding of a name, if there is one. */
  known(name: string): Promise<Binding | undefined> {
    return this.#store.find(name)
  }

  /**
   * A binding as it would be kept. What could not be judged later is refused now.
   * @throws {AppError} `binding_name_malformed`, `pack_not_found`, `policy_version_not_found`, `parameters_invalid`, `validity_malformed`,
   *   `break_glass_malformed`, `selector_malformed`, `approval_unreachable`
   */
  async check(
    name: string,
    draft: BindingDraft,
    updatedBy: string,
  ): Promise<{ binding: Omit<Binding, 'revision'>; manifest: PackManifest }> {
    if (!NAME.test(name)) {
      throw new AppError<BindingErrorCode>('binding_name_malformed', 'The name of a binding is malformed.', {
        field: 'path.name',
        remedy: 'Use lower-case letters, digits, dots, dashes and underscores, 63 at most.',
      })
    }
    const { pack, version = 'latest' } = draft
    const pinned = isDigest(version) ? [{ name: pack, digest: version }] : []
    const [catalogue, teams] = await Promise.all([this.#catalogues.current(pinned), this.#teams()])
    const checked = this.#read(name, draft, updatedBy, { catalogue, teams })
    await this.#requireReachable(checked.manifest, resolveParameters(checked.manifest, checked.binding.parameters))
    return checked
  }

  /** Writes the default bindings into a store that never had any. */
  async seed(defaults: readonly (BindingDraft & { name: string })[], requestId: string): Promise<boolean> {
    const catalogue = await this.#catalogues.current()
    const bindings = defaults.map((draft) => this.#read(draft.name, draft, 'system', { catalogue, teams: new Set() }).binding)
    return this.#store.seed(
      bindings,
      bindings.map((binding) => bindingEntry(binding, { actor: 'system', at: binding.updatedAt, requestId })),
    )
  }

  #read(
    name: string,
    draft: BindingDraft,
    updatedBy: string,
    { catalogue, teams }: { catalogue: PackCatalogue; teams: ReadonlySet<string> },
  ): { binding: Omit<Binding, 'revision'>; manifest: PackManifest } {
    const { pack, version = 'latest' } = draft
    if (!catalogue.has(pack)) {
      throw new AppError<BindingErrorCode>('pack_not_found', `There is no pack "${pack.slice(0, 80)}".`, {
        field: 'body.pack',
        remedy: `Packs: ${catalogue.names().join(', ')}.`,
      })
    }
    const manifest = version === 'latest' ? catalogue.find(pack) : isDigest(version) ? catalogue.version(pack, version) : undefined
    if (!manifest) throw versionNotFound(pack, version, 'body.version')
    const parameters = draft.parameters ?? {}
    refuseFutureSnapshot(resolveParameters(manifest, parameters), this.#clock.now())
    const binding: Omit<Binding, 'revision'> = {
      name,
      pack,
      version: version === 'latest' ? version : manifest.digest,
      parameters,
      mode: draft.mode ?? 'enforce',
      validFor: readValidity(draft.validFor ?? DEFAULT_VALIDITY),
      ...(draft.breakGlass && { breakGlass: readBreakGlassRule(draft.breakGlass) }),
      ...readSelectors(draft, teams),
      updatedAt: formatInstant(this.#clock.now()),
      updatedBy,
    }
    return { binding, manifest }
  }
}

function readValidity(text: string): string {
  const ms = durationMs(text)
  if (ms !== undefined && ms <= MAX_VALIDITY_MS) return text
  throw new AppError<BindingErrorCode>('validity_malformed', 'The validity is not an ISO 8601 duration of at most 366 days.', {
    field: 'body.validFor',
    remedy: 'Write it like P7D or PT12H; months and years have no fixed length.',
  })
}

/** Also for one that the asker may not see. */
export function bindingNotFound(name: string): AppError<BindingErrorCode> {
  return new AppError('binding_not_found', `There is no binding "${name.slice(0, 80)}", or this token may not see it.`, {
    field: 'path.name',
    remedy: 'GET /v1/bindings lists them.',
  })
}
