import { readResults } from '../read-results.ts'
import type { LoadedPack } from '../engine/load-packs.ts'
import type { EvaluationOutcome } from '../evaluator.ts'
import { resolveParameters } from '../parameters.ts'
import { isAppError } from '../../core/app-error.ts'
import type { PolicyFinding } from './finding.ts'
import { probeInputs } from './probe-inputs.ts'
import { bannedBuiltin, bannedIn } from './rego/banned.ts'
import type { RegoModule } from './rego/module.ts'
import { tryOut, type Trial, type TrialLimits } from './trial.ts'

/** Where a bundle lists what it is made of. */
const WASM = 'policy.wasm'

/**
 * Tries a compiled policy out on inputs as it will meet them.
 * @param modules its sources as far as there are any, to find what is wrong in them
 * @throws {Error} if its schema of parameters is none
 */
export async function tryPolicy(pack: LoadedPack, modules: readonly RegoModule[], limits: TrialLimits): Promise<PolicyFinding[]> {
  const parameters = defaultsOf(pack)
  const inputs = probeInputs(pack.manifest, parameters ?? {})
  const trial = await tryOut(
    pack,
    inputs.map(({ text }) => text),
    limits,
  )
  const unfit = unfitness(trial, pack, modules)
  if (unfit.length > 0) return unfit
  const found = inputs.flatMap(({ what }, at) => {
    const outcome = trial.outcomes[at]
    // Without parameters that it needs, it does right to say nothing.
    if (outcome === undefined || (parameters === undefined && !outcome.ok && outcome.code === 'policy_error')) return []
    return judged(outcome, what)
  })
  // What one input shows, the next ones only show again.
  return found.filter(({ code }, at) => found.findIndex((other) => other.code === code) === at)
}

/** As a binding has them that sets none; undefined if it must set some. */
function defaultsOf({ manifest }: LoadedPack): Record<string, unknown> | undefined {
  try {
    return resolveParameters(manifest, {})
  } catch (error) {
    if (isAppError(error)) return undefined
    throw error
  }
}

function unfitness({ inspected }: Trial, { manifest }: LoadedPack, modules: readonly RegoModule[]): PolicyFinding[] {
  if (!inspected) return [invalid('The engine cannot load it.')]
  if (inspected.abi !== 1) return [invalid("It does not speak version 1 of OPA's Wasm ABI.")]
  const { missing, entrypoints } = inspected
  const places = bannedIn(modules, new Set(missing))
  if (missing.length > 0) return places.length > 0 ? places : missing.map((name) => bannedBuiltin(name, { file: WASM, line: null }))
  if (entrypoints.includes(manifest.entrypoint)) return []
  const fix = `Its entry points are ${entrypoints.slice(0, 10).join(', ')}: name one of them in .manifest.`
  return [{ code: 'entrypoint_missing', file: WASM, line: null, message: `It has no entry point ${manifest.entrypoint}.`, fix }]
}

function judged(outcome: EvaluationOutcome, what: string): PolicyFinding[] {
  if (outcome.ok) {
    const read = readResults(outcome.results)
    if (typeof read !== 'string') return []
    const fix = 'Return sentences, or objects with msg; docs/policies.md describes the rest.'
    return [{ code: 'result_invalid', file: null, line: null, message: `Asked with ${what}, ${read}.`, fix }]
  }
  if (outcome.code === 'policy_timeout') {
    const fix = 'Look for loops over all pairs of findings, and for ranges that grow with the input.'
    return [{ code: 'policy_timeout', file: null, line: null, message: `Asked with ${what}, ${outcome.reason}.`, fix }]
  }
  const [place, file = null, line] = /^(\S+\.rego):(\d+):\d+: /.exec(outcome.reason) ?? ['']
  const reason = outcome.reason.slice(place.length)
  const fix = 'Try it with opa eval on such an input: GET /v1/schemas/policy-input describes it.'
  return [
    {
      code: 'policy_error',
      file,
      line: line === undefined ? null : Number(line),
      message: `Asked with ${what}, it fails: ${reason}.`,
      fix,
    },
  ]
}

function invalid(message: string): PolicyFinding {
  return {
    code: 'bundle_invalid',
    file: WASM,
    line: null,
    message,
    fix: 'Build it with: opa build -t wasm -O=0 -e PACKAGE/results --capabilities policies/capabilities.json',
  }
}
