import type { KeyObject } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { opaCli, type OpaLimits } from './opa/opa-cli.ts'
import { OpaFinder, type OpaPlaces } from './opa/find-opa.ts'
import { OpaPolicyCompiler } from './opa-policy-compiler.ts'
import type { ParameterSchema } from './parameter-schema.ts'
import type { PolicyCompiler } from './policy-compiler.ts'
import type { TrialLimits } from './trial.ts'

export interface PolicyCompilerOptions {
  /** The folder `policies`: what may be called, and the parameters that every pack has. */
  policies: string
  opa: OpaPlaces
  trial: TrialLimits
  /** Public keys of which one has to have signed what is uploaded. Default: none, it need not be signed. */
  keys?: readonly KeyObject[]
  /** Default: 60 seconds, 1.5 GiB. */
  limits?: OpaLimits
}

const LIMITS: OpaLimits = { timeoutMs: 60_000, memoryBytes: 1536 * 1024 * 1024 }

/** Makes the compiler of uploads. Whether there is an OPA CLI it finds out with each of them. */
export async function createPolicyCompiler({
  policies,
  opa,
  trial,
  keys = [],
  limits = LIMITS,
}: PolicyCompilerOptions): Promise<PolicyCompiler> {
  const finder = new OpaFinder(opa)
  const read = async (file: string): Promise<unknown> => JSON.parse(await readFile(join(policies, file), 'utf8')) as unknown
  return new OpaPolicyCompiler({
    opa: async () => {
      const path = await finder.find()
      return path === undefined ? undefined : opaCli(path, limits)
    },
    capabilities: join(policies, 'capabilities.json'),
    banned: new Set((await read('banned-builtins.json')) as string[]),
    parameters: (await read('lib/common.params.schema.json')) as ParameterSchema,
    trial,
    keys,
  })
}
