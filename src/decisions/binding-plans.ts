import { AppError, isAppError } from '../core/app-error.ts'
import type { Digest } from '../core/digest.ts'
import { durationMs } from '../core/duration.ts'
import { baselineId, readBaseline, type BaselineRule } from '../policy/baseline.ts'
import type { CatalogueSource, PackCatalogue } from '../policy/catalogue.ts'
import { TRUST_LEVELS, type Trust } from '../policy/input.ts'
import type { Binding, PackManifest } from '../policy/model.ts'
import type { RunnableVersions } from '../policy/versions/runnable-versions.ts'
import { resolveParameters } from '../policy/parameters.ts'
import type { BindingStore } from '../policy/ports.ts'
import type { SelectionRules } from './evidence-selection.ts'

/** A binding with everything that follows from it alone, worked out once per revision. */
export interface PlannedBinding {
  binding: Binding
  manifest: PackManifest
  parameters: Readonly<Record<string, unknown>>
  parametersJson: string
  rules: SelectionRules
  requiredNames: readonly string[]
  /** True if the parameters admit several sources for one digest. */
  anySource: boolean
  /** The old debt that doesn't count. `id` names the binding and where the debt comes from, but neither its owner nor its expiry. */
  baseline: { id: Digest; rule: BaselineRule } | null
  validForMs: number
}

type PlanErrorCode = 'binding_unusable'

/** A binding that this service can't carry out, after an upgrade for instance: where it applies, it counts as a policy error. */
export interface BrokenBinding {
  binding: Binding
  broken: string
}

/** Keeps the plans of all bindings for as long as no binding and no policy changes. */
export class BindingPlans {
  readonly #store: BindingStore
  readonly #catalogues: CatalogueSource
  readonly #versions: Pick<RunnableVersions, 'hold'>
  #revision = ''
  #plans: Promise<(PlannedBinding | BrokenBinding)[]> = Promise.resolve([])

  constructor(parts: { store: BindingStore; catalogues: CatalogueSource; versions: Pick<RunnableVersions, 'hold'> }) {
    this.#store = parts.store
    this.#catalogues = parts.catalogues
    this.#versions = parts.versions
  }

  /** The plans of all bindings, by name. */
  async current(): Promise<(PlannedBinding | BrokenBinding)[]> {
    const revision = (await Promise.all([this.#store.revision(), this.#catalogues.revision()])).join()
    if (revision !== this.#revision) {
      const plans = this.#planAll()
      this.#plans = plans
      this.#revision = revision
      plans.catch(() => {
        if (this.#plans === plans) this.#revision = ''
      })
    }
    return this.#plans
  }

  /** Every version that a plan names can be run before anybody judges by it. */
  async #planAll(): Promise<(PlannedBinding | BrokenBinding)[]> {
    const bindings = await this.#store.all()
    const pinned = bindings.flatMap(({ pack, version }) => (version === 'latest' ? [] : [{ name: pack, digest: version }]))
    const catalogue = await this.#catalogues.current(pinned)
    const plans = bindings.map((binding) => planOrTellWhyNot(binding, catalogue))
    const faults = await this.#versions.hold(
      'bindings',
      plans.flatMap((plan) => ('manifest' in plan ? [plan.manifest] : [])),
    )
    return plans.map((plan) => {
      const fault = 'manifest' in plan ? faults.get(plan.manifest.digest) : undefined
      return fault === undefined ? plan : { binding: plan.binding, broken: `The version that it runs can't be loaded: ${fault}` }
    })
  }
}

function planOrTellWhyNot(binding: Binding, catalogue: PackCatalogue): PlannedBinding | BrokenBinding {
  try {
    return planBinding(binding, catalogue)
  } catch (error) {
    if (isAppError(error)) return { binding, broken: error.message }
    throw error
  }
}

/**
 * Works out what a binding means.
 * @throws {AppError} `binding_unusable` if its pack isn't there; `parameters_invalid` if its parameters don't fit the pack
 */
function planBinding(binding: Binding, catalogue: PackCatalogue): PlannedBinding {
  const { pack, version } = binding
  const manifest = version === 'latest' ? catalogue.find(pack) : catalogue.version(pack, version)
  return planWith(binding, manifest)
}

/** The same with a version that was chosen otherwise. @throws {AppError} as `planBinding` does */
export function planWith(binding: Binding, manifest: PackManifest | undefined): PlannedBinding {
  const validForMs = durationMs(binding.validFor)
  if (!manifest || validForMs === undefined) {
    throw new AppError<PlanErrorCode>(
      'binding_unusable',
      `Binding "${binding.name}" names a pack, a version or a validity that this service doesn't know.`,
      {
        field: 'pack',
        remedy: 'Replace or delete the binding; GET /v1/policies lists the packs.',
      },
    )
  }
  const parameters = resolveParameters(manifest, binding.parameters)
  const baseline = readBaseline(parameters)
  return {
    binding,
    manifest,
    parameters,
    parametersJson: JSON.stringify(parameters),
    rules: {
      classes: manifest.classes,
      from: strings(parameters['from']),
      minTrust: TRUST_LEVELS.find((level): level is Trust => level === parameters['minTrust']) ?? 'asker',
      allowMismatch: parameters['allowMismatch'] === true,
      vexPackagesFrom: strings(parameters['vexPackagesFrom']),
      linkProof: parameters['linkProof'] === 'provenance' ? 'provenance' : 'declared',
    },
    requiredNames: strings(parameters['requiredNames']),
    anySource: parameters['sources'] === 'any' || manifest.classes.length === 0,
    baseline: baseline && { id: baselineId(binding.name, baseline.origin), rule: baseline },
    validForMs,
  }
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []
}
