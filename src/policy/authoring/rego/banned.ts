import type { PolicyFinding } from '../finding.ts'
import type { RegoModule, RegoReference } from './module.ts'

/** What to use in the place of builtins that make an answer depend on more than the input. */
const INSTEAD: readonly (readonly [pattern: RegExp, fix: string])[] = [
  [
    /^time\.now_ns$/,
    'Use input.now, the time of the decision in seconds since the epoch: a decision must be the same when it is replayed.',
  ],
  [/^(?:http|net|providers)\./, 'Policies reach no network. Post what it would fetch as evidence, and read it from input.evidence.'],
  [/^opa\.runtime$/, 'Policies see no environment. Pass it as a parameter of the binding, and read it from input.parameters.'],
  [/^(?:rand|uuid)\./, 'Policies know no chance: a decision must be the same when it is replayed.'],
  [/^(?:io\.jwt|crypto)\./, 'Portcullis checks signatures and tokens itself: see input.identity and the trust of input.evidence.'],
]

/** The finding for a builtin that isn't offered. */
export function bannedBuiltin(name: string, place: { file: string | null; line: number | null; column?: number }): PolicyFinding {
  const instead = INSTEAD.find(([pattern]) => pattern.test(name))
  return {
    code: 'builtin_banned',
    ...place,
    message: `${name} is not offered.`,
    fix: instead?.[1] ?? 'policies/capabilities.json lists the builtins that are offered.',
  }
}

/**
 * Finds mentions of builtins that aren't offered: calls, and functions that `with` puts in the place of others. OPA would name only the first
 * kind, and only where it is installed.
 * @param banned names of all builtins that OPA has and Portcullis doesn't offer
 */
export function bannedIn(modules: readonly RegoModule[], banned: ReadonlySet<string>): PolicyFinding[] {
  const rules = rulesByPackage(modules)
  return modules.flatMap((module) => {
    const own = rules.get(module.package.join('.')) ?? new Set()
    return module.references.flatMap((reference) => {
      const [head = ''] = reference.path
      if (own.has(head) || module.imported.has(head)) return []
      const name = mentioned(reference, banned)
      return name === undefined ? [] : [bannedBuiltin(name, { file: module.path, line: reference.line, column: reference.column })]
    })
  })
}

/** `providers.aws.sign_req`. */
const MOST_STEPS = 3

/** What a single word means depends on where it stands; `http.send` can be nothing else. */
function mentioned({ path, called }: RegoReference, banned: ReadonlySet<string>): string | undefined {
  for (let steps = Math.min(path.length, MOST_STEPS); steps > 1; steps--) {
    const name = path.slice(0, steps).join('.')
    if (banned.has(name)) return name
  }
  return path.length === 1 && called && banned.has(path[0] ?? '') ? path[0] : undefined
}

function rulesByPackage(modules: readonly RegoModule[]): Map<string, Set<string>> {
  const rules = new Map<string, Set<string>>()
  for (const module of modules) {
    const name = module.package.join('.')
    const known = rules.get(name) ?? new Set<string>()
    rules.set(name, known)
    for (const { name: rule, isPart } of module.rules) if (!isPart) known.add(rule)
  }
  return rules
}
