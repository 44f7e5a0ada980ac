import type { Digest } from '../core/digest.ts'
import type { EvidenceClass } from '../core/evidence-class.ts'
import type { BreakGlassRule } from './break-glass.ts'
import type { FactName } from './facts.ts'

/** How a binding's violations count: deny, warn, or be listed only. */
export type Mode = 'enforce' | 'warn' | 'shadow'

/** Where a binding applies. An absent selector applies everywhere. */
export interface BindingSelector {
  /** Stage names, in any letter case; a leading `!` excludes the stage of exactly that name. */
  stage?: readonly string[]
  environment?: readonly string[]
  /** Repository globs. */
  repository?: readonly string[]
  /** Globs of the repositories that the sources of the subject lie in. */
  source?: readonly string[]
  /** Names of the teams that own the repository. */
  team?: readonly string[]
  /** Labels that must all be equal. */
  labels?: Readonly<Record<string, string>>
}

/** Which pack, parameters and mode apply where. */
export interface Binding extends BindingSelector {
  name: string
  pack: string
  /** Which version of the pack runs: an exact one, or whichever was activated last. */
  version: 'latest' | Digest
  /** As written by the administrator, before the schema's defaults are filled in. */
  parameters: Readonly<Record<string, unknown>>
  mode: Mode
  /** ISO 8601 duration for which an allow under this binding holds. */
  validFor: string
  /** Whether somebody may pass against it in an emergency; absent: nobody. */
  breakGlass?: BreakGlassRule
  /** Counts changes of this binding, from 1. */
  revision: number
  updatedAt: string
  updatedBy: string
}

/** A rule as its pack describes it. */
export interface PackRule {
  /** Without the pack: `max_severity`. */
  name: string
  title: string
  description?: string
  /** Ids of the controls that it serves: `SOC2-CC8.1`. */
  controls?: readonly string[]
}

/** One version of a pack: what `policies/dist/<pack>/pack.json` holds, next to its `policy.wasm` and, if it has data of its own, `data.json`. */
export interface PackManifest {
  name: string
  title: string
  description: string
  /** SHA-256 over the canonical JSON of everything below, the digest of the Wasm included. */
  digest: Digest
  wasmDigest: Digest
  /** Of the policy's own data as canonical JSON; null if it has none. */
  dataDigest: Digest | null
  /** Version of the OPA CLI that compiled it; `unknown` of a bundle that was compiled elsewhere. */
  opa: string
  /** Path of the entry point that returns the results, `portcullis/<pack>/results`. */
  entrypoint: string
  /** Evidence classes that the pack reads: its input holds only these. */
  classes: readonly EvidenceClass[]
  /** What else its input tells, besides evidence. */
  facts: readonly FactName[]
  /** The rules that it can report. */
  rules: readonly PackRule[]
  /** JSON Schema (2020-12) of the parameters, the common ones included. */
  parameters: Readonly<Record<string, unknown>>
}
