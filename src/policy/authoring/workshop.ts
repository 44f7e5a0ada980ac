import type { KeyObject } from 'node:crypto'

import type { LoadedPack } from '../engine/load-packs.ts'
import type { PolicyFinding } from './finding.ts'
import type { RunOpa } from './opa/opa-cli.ts'
import type { ParameterSchema } from './parameter-schema.ts'
import type { TrialLimits } from './trial.ts'

/** What it takes to make packs of uploads. */
export interface Workshop {
  /** Looks for the CLI; undefined while there is none. */
  opa(): Promise<RunOpa | undefined>
  /** Path of the file that lists the builtins that are offered. */
  capabilities: string
  /** Names of those that OPA has besides. */
  banned: ReadonlySet<string>
  /** The parameters that every pack has. */
  parameters: ParameterSchema
  trial: TrialLimits
  /** One of them has to have signed what is uploaded; none: it need not be signed. */
  keys: readonly KeyObject[]
}

/** What became of an upload. */
export type Judged =
  { findings: readonly PolicyFinding[]; pack?: undefined } | { findings: readonly []; pack: LoadedPack; warnings: readonly PolicyFinding[] }
