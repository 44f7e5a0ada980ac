import type { Digest } from '../core/digest.ts'
import type { LoadedPack } from './engine/load-packs.ts'

/** One pack to run. */
export interface Evaluation {
  /** Digest of the pack version (`PackManifest.digest`). */
  pack: Digest
  /**
   * The input as JSON text that this process wrote itself from parsed values.
   * Never bytes from outside: the engine would read broken JSON as "no input".
   */
  input: string
}

/** What a pack answered, or why it could not. */
export type EvaluationOutcome =
  { ok: true; results: readonly unknown[] } | { ok: false; code: 'policy_error' | 'policy_timeout'; reason: string }

/** Runs packs away from the thread that serves requests. */
export interface PolicyEvaluator {
  /** Runs all packs of one decision; the outcomes stand in the order of the evaluations. Never rejects for a pack's fault. */
  evaluate(evaluations: readonly Evaluation[]): Promise<EvaluationOutcome[]>
  /** True once every known pack version is compiled and instantiable. */
  ready(): boolean
}

/** Takes pack versions in and out while evaluations go on. Not concurrent with itself. */
export interface PackLoading {
  /** @returns by digest why a pack can't be run; all others can be, by every worker */
  load(packs: readonly LoadedPack[]): Promise<ReadonlyMap<Digest, string>>
  /** Frees what these take, once nothing that was accepted needs them. */
  unload(packs: readonly Digest[]): Promise<void>
}
