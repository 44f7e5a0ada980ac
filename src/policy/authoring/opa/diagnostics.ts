import type { PolicyFinding } from '../finding.ts'
import { bannedBuiltin } from '../rego/banned.ts'
import type { OpaRun } from './opa-cli.ts'

/** One error as `opa check --format json` and `opa test --format json` list it. */
export interface OpaError {
  message: string
  code: string
  location?: { file?: string; row?: number; col?: number }
}

/** More of them help nobody. */
const MAX_ERRORS = 100
const MAX_MESSAGE = 500

/** What `opa check` has against the files; undefined if it didn't come to say. */
export function errorsOf({ status, stdout, stderr }: OpaRun): OpaError[] | undefined {
  if (status === 0) return []
  if (status === null) return undefined
  for (const text of [stderr, stdout]) {
    const errors = parsed(text)?.['errors']
    if (Array.isArray(errors) && errors.length > 0) return errors.filter(isError).slice(0, MAX_ERRORS)
  }
  return undefined
}

/** Puts an error of OPA into the words of a finding. */
export function findingFor(error: OpaError, banned: ReadonlySet<string>): PolicyFinding {
  const { file, row, col } = error.location ?? {}
  const place = { file: file ? file.replace(/^\.?\//, '') : null, line: row ?? null, ...(col !== undefined && { column: col }) }
  const unknown = /^undefined function (\S+)/.exec(error.message)?.[1]
  // A function of its own that it lacks is a slip of the pen; a builtin is one that isn't offered.
  if (unknown !== undefined && banned.has(unknown)) return bannedBuiltin(unknown, place)
  const message = sentence(error.message)
  const reads = /^undefined ref: (input\S*)/.exec(error.message)?.[1]
  if (reads !== undefined) {
    const fix = 'GET /v1/schemas/policy-input describes the input.'
    return { code: 'input_unknown', ...place, message: `${reads} is not in the input.`, fix }
  }
  return { code: 'rego_invalid', ...place, message, fix: 'See it with: opa check --strict DIR' }
}

/** How a run ended that should have succeeded, and said nothing of the policy. */
export function runFailed(what: string, { stopped, stderr, stdout }: OpaRun): PolicyFinding {
  const crash = /^(?:panic|fatal error|runtime).*$/m.exec(stderr)?.[0]
  const said = crash ?? (stderr.trim() || stdout.trim()).split('\n')[0] ?? ''
  const reason =
    stopped === 'time' ? 'It took too long.' : stopped === 'output' ? 'It said too much.' : sentence(said || 'it ended without a word')
  return {
    code: 'compiler_failed',
    file: null,
    line: null,
    message: `OPA did not get through ${what}. ${reason}`,
    fix: 'Make the policy smaller, or see what OPA says of it on your machine.',
  }
}

/** Why `opa build` didn't compile what `opa check` had nothing against. */
export function buildFailed(run: OpaRun): PolicyFinding {
  const said = run.stderr.trim() || run.stdout.trim()
  if (run.status === null || /^(?:panic|fatal error)/m.test(said)) return runFailed('compiling', run)
  const file = /\bdata\.(?:json|ya?ml)\b|merge error/.test(said)
  const fix = file ? 'Keep data apart from packages, and write it as one object.' : 'See it with: opa build -t wasm -O=0 -e ENTRYPOINT DIR'
  return { code: file ? 'data_invalid' : 'rego_invalid', file: null, line: null, message: sentence(said.replace(/^error: /, '')), fix }
}

function sentence(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim().slice(0, MAX_MESSAGE).toWellFormed()
  return `${line.charAt(0).toUpperCase()}${line.slice(1)}${/[.!?]$/.test(line) ? '' : '.'}`
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch {
    return undefined
  }
}

function isError(value: unknown): value is OpaError {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string' && 'code' in value
}
