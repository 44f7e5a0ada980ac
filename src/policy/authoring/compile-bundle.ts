import { isAppError } from '../../core/app-error.ts'
import { parseBoundedJson } from '../../core/bounded-json.ts'
import { describePolicy } from './describe.ts'
import type { PolicyFinding } from './finding.ts'
import { makePack } from './make-pack.ts'
import { readParameterSchema } from './parameter-schema.ts'
import type { PolicySource } from './policy-compiler.ts'
import { bannedIn } from './rego/banned.ts'
import type { RegoModule } from './rego/module.ts'
import { tryPolicy } from './try-policy.ts'
import type { SortedFiles } from './upload/sort-files.ts'
import type { Judged, Workshop } from './workshop.ts'

/** Takes over a bundle that `opa build -t wasm` made elsewhere. What it was compiled with nobody knows, so only what it does counts. */
export async function compileBundle(
  name: string,
  files: SortedFiles & { wasm: Uint8Array<ArrayBuffer> },
  modules: readonly RegoModule[],
  { banned, parameters: common, trial }: Workshop,
): Promise<Judged> {
  const entrypoint = entrypointIn(files.manifest)
  const data = dataIn(files.data)
  const parameters = readParameterSchema(files.parameters, common, false)
  const policy = modules.filter(({ isTest }) => !isTest)
  const path = typeof entrypoint === 'string' ? entrypoint : ''
  const packages = new Set([path.split('/').slice(0, -1).join('.')])
  const { description, findings } = describePolicy(name, policy, packages, [])
  const wrong = [
    ...(typeof entrypoint === 'string' ? [] : [entrypoint]),
    ...('finding' in data ? [data.finding] : []),
    ...('finding' in parameters ? [parameters.finding] : []),
    ...bannedIn(modules, banned),
    ...findings,
  ]
  if ('finding' in data || 'finding' in parameters) return { findings: wrong }
  const { input: _, ...described } = description
  const pack = makePack({ ...described, name, opa: 'unknown', entrypoint: path, parameters: parameters.schema }, files.wasm, data.value)
  const faults = await tryPolicy(pack, modules, trial)
  // What its sources tell by file and line, the module tells only by name.
  const told = new Set(wrong.map(({ code }) => code))
  const all = [...wrong, ...faults.filter(({ code }) => !told.has(code))]
  return all.length > 0 ? { findings: all } : { findings: [], pack, warnings: [] }
}

/** @returns the one that is to be asked, or what is wrong */
function entrypointIn(manifest: PolicySource | null): string | PolicyFinding {
  const parsed = manifest === null ? {} : jsonObject(manifest.text)
  if (parsed === undefined) return { code: 'bundle_invalid', file: '.manifest', line: null, message: 'It is no JSON object.', fix: REBUILD }
  const resolvers: unknown = parsed['wasm']
  const entrypoints = Array.isArray(resolvers)
    ? resolvers.flatMap((resolver: unknown) =>
        isObject(resolver) && typeof resolver['entrypoint'] === 'string' ? [resolver['entrypoint']] : [],
      )
    : []
  const results = entrypoints.filter((path) => path.endsWith('/results'))
  const [only, ...others] = results.length > 0 ? results : entrypoints
  if (only !== undefined && others.length === 0) return only
  const message =
    only === undefined
      ? 'It names no entry point of policy.wasm.'
      : `It names several entry points: ${entrypoints.slice(0, 10).join(', ')}.`
  return { code: 'entrypoint_missing', file: '.manifest', line: null, message, fix: REBUILD }
}

const REBUILD = 'Build it with one entry point: opa build -t wasm -O=0 -e PACKAGE/results --capabilities policies/capabilities.json'

/** A bundle keeps its data in one file at its root. */
function dataIn(data: readonly PolicySource[]): { value: unknown } | { finding: PolicyFinding } {
  const [root, ...others] = data
  if (!root) return { value: {} }
  const value = root.path === 'data.json' && others.length === 0 ? jsonObject(root.text) : undefined
  if (value !== undefined) return { value }
  const message = 'The data of a bundle is one JSON object in data.json at its root.'
  return { finding: { code: 'data_invalid', file: (others[0] ?? root).path, line: null, message, fix: REBUILD } }
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = parseBoundedJson(text)
    return isObject(value) ? value : undefined
  } catch (error) {
    if (isAppError(error)) return undefined
    throw error
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
