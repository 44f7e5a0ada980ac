import { join } from 'node:path'

import type { PolicyFinding } from '../finding.ts'
import type { PolicySource } from '../policy-compiler.ts'
import { errorsOf, findingFor, runFailed, type OpaError } from './diagnostics.ts'
import type { RunOpa } from './opa-cli.ts'
import type { Workspace } from './workspace.ts'

/** What a check needs besides the modules. */
export interface CheckOptions {
  opa: RunOpa
  workspace: Workspace
  /** Path of the file that lists what may be called. */
  capabilities: string
  /** Schema of `input` as JSON text; null where the policy reads something else. */
  schema: string | null
  banned: ReadonlySet<string>
}

/** Modules as OPA reads them together. `manifest` says which of them are in the language of before OPA 1.0. */
export interface CheckedModules {
  findings: readonly PolicyFinding[]
  manifest: PolicySource
}

/** What the parser of Rego v1 says of a module in v0, and of nothing else. */
const OLD_SYNTAX = /`(?:if|contains)` keyword is required/

/**
 * Has OPA parse and compile modules, without evaluating anything. Those in the old syntax, which most policies for conftest are written in, are
 * found out by that and read as such.
 */
export async function checkModules(modules: readonly PolicySource[], options: CheckOptions): Promise<CheckedModules> {
  const first = await errors('parsing', modules, [], options)
  if ('failure' in first) return { findings: [first.failure], manifest: manifestFor([]) }
  const old = [...new Set(first.errors.filter(({ message }) => OLD_SYNTAX.test(message)).map(fileOf))].sort()
  const manifest = manifestFor(old)
  if (old.length === 0) return { findings: findingsFor(first.errors, options), manifest }
  // As long as one file isn't understood, OPA says nothing of the others.
  const syntax = first.errors.filter((error) => error.code === 'rego_parse_error' && !old.includes(fileOf(error)))
  const second = await errors('compiling', modules, [manifest], options)
  if ('failure' in second) return { findings: [second.failure], manifest }
  return { findings: unique([...findingsFor(syntax, options), ...findingsFor(second.errors, options)]), manifest }
}

async function errors(
  step: string,
  modules: readonly PolicySource[],
  manifest: readonly PolicySource[],
  { opa, workspace, capabilities, schema }: CheckOptions,
): Promise<{ errors: OpaError[] } | { failure: PolicyFinding }> {
  const folder = await workspace.folder(step, [...modules, ...manifest])
  const typed =
    schema === null
      ? []
      : ['--schema', join(await workspace.folder(`${step}-schema`, [{ path: 'input.json', text: schema }]), 'input.json')]
  const bundle = manifest.length > 0 ? ['-b'] : []
  const run = await opa(
    ['check', ...bundle, '--format', 'json', '--max-errors', '100', '--capabilities', capabilities, ...typed, '.'],
    folder,
  )
  const found = errorsOf(run)
  return found === undefined ? { failure: runFailed(`${step} the modules`, run) } : { errors: found }
}

function manifestFor(old: readonly string[]): PolicySource {
  const versions = Object.fromEntries(old.map((path) => [`/${path}`, 0]))
  return { path: '.manifest', text: JSON.stringify({ rego_version: 1, file_rego_versions: versions }) }
}

function fileOf({ location }: OpaError): string {
  return (location?.file ?? '').replace(/^\.?\//, '')
}

function findingsFor(found: readonly OpaError[], { banned }: CheckOptions): PolicyFinding[] {
  return found.map((error) => findingFor(error, banned))
}

/** Each place is told once of each matter. Within template strings OPA knows no place: what is known better is left out. */
export function unique(findings: readonly PolicyFinding[]): PolicyFinding[] {
  const placed = new Set(findings.filter(({ file }) => file !== null).map(({ message }) => message))
  const known = findings.filter(({ file, message }) => file !== null || !placed.has(message))
  return [
    ...new Map(known.map((finding) => [JSON.stringify([finding.code, finding.file, finding.line, finding.message]), finding])).values(),
  ]
}
