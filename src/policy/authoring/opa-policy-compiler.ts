import { setImmediate } from 'node:timers/promises'

import { AppError } from '../../core/app-error.ts'
import type { PolicyEngineErrorCode } from '../engine/threaded-evaluator.ts'
import { signatureFault } from './bundle-signature.ts'
import { compileBundle } from './compile-bundle.ts'
import { compileSources } from './compile-sources.ts'
import type { PolicyFinding } from './finding.ts'
import type { CompiledPolicy, PolicyCompiler, PolicySource, PolicyUpload } from './policy-compiler.ts'
import { readModule, type RegoModule } from './rego/module.ts'
import { readUpload } from './upload/read-upload.ts'
import { sortFiles } from './upload/sort-files.ts'
import type { Judged, Workshop } from './workshop.ts'

/** Each takes up to a processor and some hundred MiB. */
const AT_ONCE = 2
const MAX_WAITING = 8

/** Compiles what people upload: sources with the OPA CLI, bundles as they are. */
export class OpaPolicyCompiler implements PolicyCompiler {
  readonly #workshop: Workshop
  readonly #waiting: (() => void)[] = []
  #running = 0

  constructor(workshop: Workshop) {
    this.#workshop = workshop
  }

  async compile(upload: PolicyUpload): Promise<CompiledPolicy> {
    await this.#turn()
    try {
      return await this.#compile(upload)
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#running--
    }
  }

  async #compile({ name, ...body }: PolicyUpload): Promise<CompiledPolicy> {
    const upload = await readUpload(body)
    if (!upload.ok) return upload
    const { keys } = this.#workshop
    const unsigned = keys.length > 0 && signatureFault(upload.files, keys)
    if (unsigned) return { ok: false, findings: [unsigned] }
    const files = sortFiles(upload.files)
    if (isFindings(files.findings)) return { ok: false, findings: files.findings }
    const { wasm, modules: sources } = files
    if (!wasm && !sources.some(({ path }) => !path.endsWith('_test.rego'))) return { ok: false, findings: [nothing()] }
    const modules = await readModules(sources)
    const judged = wasm
      ? await compileBundle(name, { ...files, wasm }, modules, this.#workshop)
      : await compileSources(name, files, modules, this.#workshop)
    return outcomeOf(judged, kept(files))
  }

  /** Whoever waits takes the place of one that is done. */
  async #turn(): Promise<void> {
    if (this.#running < AT_ONCE) {
      this.#running++
      return
    }
    if (this.#waiting.length >= MAX_WAITING) {
      const remedy = 'Send it again in a minute.'
      throw new AppError<PolicyEngineErrorCode>('overloaded', 'Too many policies are waiting to be compiled.', { remedy })
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.push(resolve)
    await promise
  }
}

/** One after the other, with a pause for those who wait for decisions. */
async function readModules(sources: readonly PolicySource[]): Promise<RegoModule[]> {
  const modules: RegoModule[] = []
  for (const source of sources) {
    modules.push(readModule(source))
    await setImmediate()
  }
  return modules
}

function kept({ modules, data, parameters }: ReturnType<typeof sortFiles>): PolicySource[] {
  return [...modules, ...data, ...(parameters ? [parameters] : [])].sort((a, b) => (a.path < b.path ? -1 : 1))
}

function outcomeOf(judged: Judged, sources: readonly PolicySource[]): CompiledPolicy {
  if (judged.pack) return { ok: true, pack: judged.pack, sources, warnings: judged.warnings }
  const findings = [...judged.findings].sort(byPlace)
  if (!isFindings(findings)) throw new Error('a policy was refused without a reason')
  return { ok: false, findings }
}

function byPlace(a: PolicyFinding, b: PolicyFinding): number {
  const [first, second] = [a.file ?? '', b.file ?? '']
  if (first !== second) return first < second ? -1 : 1
  return (a.line ?? 0) - (b.line ?? 0)
}

function isFindings(findings: readonly PolicyFinding[]): findings is readonly [PolicyFinding, ...PolicyFinding[]] {
  return findings.length > 0
}

function nothing(): PolicyFinding {
  const fix = 'Send at least one .rego file that is no test, or a bundle with policy.wasm.'
  return { code: 'upload_empty', file: null, line: null, message: 'The upload holds no policy.', fix }
}
