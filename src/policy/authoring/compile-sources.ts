import { join } from 'node:path'

import { isAppError } from '../../core/app-error.ts'
import { parseBoundedJson } from '../../core/bounded-json.ts'
import { POLICY_INPUT_SCHEMA } from '../input-schema.ts'
import type { PackManifest } from '../model.ts'
import { describePolicy, malformedIn } from './describe.ts'
import type { PolicyFinding } from './finding.ts'
import { findEntrypoint, GATHERED_PACKAGE, GATHERED_PATH, gatheringModule, type Entrypoint } from './gather.ts'
import { buildOptions } from './opa/build-options.ts'
import { filesOfBundle } from './opa/bundle-files.ts'
import { checkModules, unique } from './opa/check.ts'
import { buildFailed, runFailed } from './opa/diagnostics.ts'
import { OPA_VERSION } from './opa/find-opa.ts'
import type { RunOpa } from './opa/opa-cli.ts'
import { runTests } from './opa/tests.ts'
import { Workspace } from './opa/workspace.ts'
import { makePack } from './make-pack.ts'
import { readParameterSchema } from './parameter-schema.ts'
import type { PolicySource } from './policy-compiler.ts'
import { bannedIn } from './rego/banned.ts'
import type { RegoModule } from './rego/module.ts'
import { tryPolicy } from './try-policy.ts'
import { MAX_WASM_BYTES, type SortedFiles } from './upload/sort-files.ts'
import type { Judged, Workshop } from './workshop.ts'

/** What stands in the sources, without compiling them. */
interface Plan extends Omit<PackManifest, 'name' | 'digest' | 'wasmDigest' | 'dataDigest' | 'opa' | 'entrypoint'> {
  entrypoint: Entrypoint
  /** The module that asks conftest's rules, if there is one. */
  gathering: readonly PolicySource[]
  /** Whether the rules read the input of decisions. */
  readsDecision: boolean
}

/** Compiles Rego, once it is proven that nothing in it, its tests included, calls what isn't offered. */
export async function compileSources(
  name: string,
  files: SortedFiles,
  modules: readonly RegoModule[],
  workshop: Workshop,
): Promise<Judged> {
  const { plan, findings } = planOf(name, files, modules, workshop)
  const opa = await workshop.opa()
  if (!opa) return { findings: [...findings, opaMissing()] }
  // OPA would follow what METADATA refers to.
  if (modules.some(({ annotations }) => annotations.some(({ ok }) => !ok))) return { findings }
  await using workspace = await Workspace.create()
  const checked = await checkModules([...files.modules, ...(plan?.gathering ?? [])], {
    ...{ opa, workspace, capabilities: workshop.capabilities, banned: workshop.banned },
    schema: plan && !plan.readsDecision ? null : JSON.stringify(POLICY_INPUT_SCHEMA),
  })
  const wrong = unique([...findings, ...checked.findings])
  if (!plan || wrong.length > 0) return { findings: wrong }
  const shared = [...files.data, checked.manifest]
  const failures = await runTests([...files.modules, ...shared], { opa, workspace, capabilities: workshop.capabilities })
  const policy = files.modules.filter(({ path }) => !isTest(path))
  const built = await build([...policy, ...plan.gathering, ...shared], plan.entrypoint.path, { opa, workspace, workshop })
  if ('findings' in built) return { findings: [...failures, ...built.findings] }
  const { entrypoint, gathering: _, readsDecision: __, ...described } = plan
  const pack = makePack({ ...described, name, opa: OPA_VERSION, entrypoint: entrypoint.path }, built.wasm, built.data)
  const faults = [...failures, ...(await tryPolicy(pack, modules, workshop.trial))]
  return faults.length > 0 ? { findings: faults } : { findings: [], pack, warnings: untested(modules) }
}

function planOf(
  name: string,
  files: SortedFiles,
  modules: readonly RegoModule[],
  { banned, parameters: common }: Workshop,
): { plan: Plan | null; findings: PolicyFinding[] } {
  const policy = modules.filter(({ isTest: test }) => !test)
  const entrypoint = findEntrypoint(policy)
  const packages = Array.isArray(entrypoint) ? new Set(policy.map((module) => module.package.join('.'))) : entrypoint.packages
  const asked = Array.isArray(entrypoint) ? [] : [...new Set(entrypoint.asked.map(({ rule }) => rule.name))]
  const { description, findings } = describePolicy(name, policy, packages, asked)
  const { input, ...described } = description
  const parameters = readParameterSchema(files.parameters, common, input === 'document')
  const all = [
    ...bannedIn(modules, banned),
    ...(Array.isArray(entrypoint) ? entrypoint : []),
    ...reservedIn(modules),
    ...malformedIn(modules.filter(({ isTest: test }) => test)),
    ...findings,
    ...('finding' in parameters ? [parameters.finding] : []),
    ...malformedData(files.data),
  ]
  if (Array.isArray(entrypoint) || 'finding' in parameters) return { plan: null, findings: all }
  const gathering = entrypoint.asked.length === 0 ? [] : [{ path: GATHERED_PATH, text: gatheringModule(policy, entrypoint.asked, input) }]
  return {
    plan: { ...described, entrypoint, gathering, parameters: parameters.schema, readsDecision: input === 'decision' },
    findings: all,
  }
}

async function build(
  sources: readonly PolicySource[],
  entrypoint: string,
  { opa, workspace, workshop }: { opa: RunOpa; workspace: Workspace; workshop: Workshop },
): Promise<{ wasm: Uint8Array<ArrayBuffer>; data: unknown } | { findings: PolicyFinding[] }> {
  const folder = await workspace.folder('policy', sources)
  const run = await opa(buildOptions(entrypoint, workshop.capabilities, join('..', 'bundle.tar.gz')), folder)
  if (run.status !== 0) return { findings: [buildFailed(run)] }
  const bundle = filesOfBundle(await workspace.read('bundle.tar.gz'))
  const wasm = bundle.get('policy.wasm')
  if (!wasm) return { findings: [runFailed('compiling', run)] }
  if (wasm.length > MAX_WASM_BYTES) return { findings: [tooLarge(wasm.length)] }
  const data = bundle.get('data.json')
  return { wasm: Uint8Array.from(wasm), data: data ? parseBoundedJson(Buffer.from(data).toString('utf8')) : {} }
}

function reservedIn(modules: readonly RegoModule[]): PolicyFinding[] {
  return modules.flatMap(({ path, package: steps, packageLine: line }) => {
    const name = steps.join('.')
    if (name !== GATHERED_PACKAGE && !name.startsWith(`${GATHERED_PACKAGE}.`) && path !== GATHERED_PATH) return []
    const fix = 'Give the package, and the file, another name.'
    return [{ code: 'package_reserved' as const, file: path, line, message: `The package ${GATHERED_PACKAGE} is generated.`, fix }]
  })
}

/** YAML is OPA's to read. */
function malformedData(data: readonly PolicySource[]): PolicyFinding[] {
  return data.flatMap(({ path, text }) => {
    if (!path.endsWith('.json')) return []
    try {
      const value = parseBoundedJson(text)
      if (typeof value === 'object' && value !== null && !Array.isArray(value)) return []
      return [dataInvalid(path, 'It is no JSON object.')]
    } catch (error) {
      return [dataInvalid(path, isAppError(error) ? error.message : 'It is not JSON.')]
    }
  })
}

function dataInvalid(file: string, message: string): PolicyFinding {
  return { code: 'data_invalid', file, line: null, message, fix: 'Write one JSON object: its keys are found below data.' }
}

function tooLarge(bytes: number): PolicyFinding {
  const message = `It compiles to ${bytes} bytes; ${MAX_WASM_BYTES} are kept.`
  return { code: 'policy_too_large', file: null, line: null, message, fix: 'Move tables from rules to data.json.' }
}

function untested(modules: readonly RegoModule[]): PolicyFinding[] {
  if (modules.some(({ rules }) => rules.some(({ name }) => name.startsWith('test_')))) return []
  const fix = 'Write rules named test_… in a file named …_test.rego: they run at each upload.'
  return [{ code: 'tests_missing', file: null, line: null, message: 'It has no tests.', fix }]
}

function opaMissing(): PolicyFinding {
  return {
    code: 'opa_cli_missing',
    file: null,
    line: null,
    message: `Rego is compiled with the OPA CLI ${OPA_VERSION}, which this service does not find.`,
    fix: `Install it from https://github.com/open-policy-agent/opa/releases/tag/v${OPA_VERSION} where the service runs, on its PATH or named by PORTCULLIS_OPA; or upload a bundle: opa build -t wasm.`,
  }
}

function isTest(path: string): boolean {
  return path.endsWith('_test.rego')
}
