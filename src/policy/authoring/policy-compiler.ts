import type { LoadedPack } from '../engine/load-packs.ts'
import type { PolicyFinding } from './finding.ts'

/** What somebody uploads as a policy. Everything in it is attacker-controlled. */
export interface PolicyUpload {
  /** Name of the pack that it shall become. */
  name: string
  /** `multipart/form-data` with its boundary; anything else must be a gzipped tar archive. */
  contentType: string
  /** Bounded by whoever received it. */
  bytes: Uint8Array
}

/** A file that was uploaded, as it came: UTF-8 text. */
export interface PolicySource {
  /** Path within the upload. */
  path: string
  text: string
}

/** A pack that the engine can run, or everything that is wrong with it. */
export type CompiledPolicy =
  | {
      ok: true
      pack: LoadedPack
      /** Sorted by path; none where a bundle came without. */
      sources: readonly PolicySource[]
      /** What its author should know, though it works. */
      warnings: readonly PolicyFinding[]
    }
  | { ok: false; findings: readonly [PolicyFinding, ...PolicyFinding[]] }

/** Checks and compiles uploads. The same upload gives the same pack, digest included. */
export interface PolicyCompiler {
  /**
   * Never rejects for what is wrong with the upload.
   * @throws {AppError} `overloaded` if too many uploads wait
   */
  compile(upload: PolicyUpload): Promise<CompiledPolicy>
}
