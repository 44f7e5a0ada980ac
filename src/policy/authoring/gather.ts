import type { PolicyFinding } from './finding.ts'
import type { PackMetadata } from './metadata.ts'
import type { RegoModule } from './rego/module.ts'

/** Package of what is generated; nobody else may define anything in it. */
export const GATHERED_PACKAGE = 'portcullis.gathered'
export const GATHERED_PATH = 'portcullis_gathered.rego'

/** Where the engine enters a policy. */
export interface Entrypoint {
  /** `package/rule`. */
  path: string
  /** Packages that describe the policy, dotted. */
  packages: ReadonlySet<string>
  /** The rules that a generated module asks; none where the policy's own `results` is the entry point. */
  asked: readonly AskedRule[]
}

interface AskedRule {
  module: RegoModule
  rule: RegoModule['rules'][number]
}

/** The names that conftest asks for (conftest.dev, "Evaluating Policies"). */
const ASKED = /^(?:(?<violation>deny|violation)|warn)(?:_[a-zA-Z0-9]+)*$/

/**
 * Finds the rules that make up the verdict: one `results`, or all of conftest's rules in whichever packages they stand.
 * @returns what is wrong if there are none, or both
 */
export function findEntrypoint(modules: readonly RegoModule[]): Entrypoint | PolicyFinding[] {
  const results = packagesWith(modules, ({ name }) => name === 'results')
  const marked = results.filter(({ module }) =>
    module.annotations.some((block) => block.ok && block.rule === 'results' && block.annotations.entrypoint),
  )
  const asked = modules.flatMap((module) => askedRules(module))
  const own = marked.length === 1 ? marked : results
  if (own.length > 1) return [severalResults(own)]
  const [only] = own
  if (only && asked.length > 0) return asked.map(({ module, rule }) => notGathered(module, rule))
  if (only) return { path: [...only.module.package, 'results'].join('/'), packages: new Set([dotted(only.module)]), asked }
  if (asked.length === 0) return [noEntrypoint(modules)]
  return {
    path: `${GATHERED_PACKAGE.replaceAll('.', '/')}/results`,
    packages: new Set(asked.map(({ module }) => dotted(module))),
    asked,
  }
}

function askedRules(module: RegoModule): AskedRule[] {
  return module.rules.filter(({ name, takesArguments }) => !takesArguments && ASKED.test(name)).map((rule) => ({ module, rule }))
}

function packagesWith(modules: readonly RegoModule[], is: (rule: RegoModule['rules'][number]) => boolean): AskedRule[] {
  const found = new Map<string, AskedRule>()
  for (const module of modules) {
    const rule = module.rules.find((each) => !each.takesArguments && is(each))
    const known = found.get(dotted(module))
    // The module with the annotation speaks for the package.
    const isMarked = module.annotations.some((block) => block.ok && block.annotations.entrypoint === true)
    if (rule && (!known || isMarked)) found.set(dotted(module), { module, rule })
  }
  return [...found.values()]
}

/**
 * The module that makes of conftest's rules one entry point. One rule for each, so that one that isn't defined hides no other.
 * @param input what the rules read as `input`: the decision's, or the documents that were posted, one after the other
 */
export function gatheringModule(modules: readonly RegoModule[], asked: readonly AskedRule[], input: PackMetadata['input']): string {
  const literals = new Map(
    asked.map(({ module, rule }) => [`${dotted(module)} ${rule.name}`, literalFor(modules, module, rule.name, input)]),
  )
  const parts = [`package ${GATHERED_PACKAGE}`, ...[...literals.keys()].sort().map((key) => literals.get(key) ?? '')]
  if (input === 'document') parts.push(NO_DOCUMENT)
  return `${parts.join('\n\n')}\n`
}

function literalFor(modules: readonly RegoModule[], module: RegoModule, name: string, input: PackMetadata['input']): string {
  const effect = ASKED.exec(name)?.groups?.['violation'] === undefined ? 'warning' : 'violation'
  const place = `data${module.package.map((step) => `[${JSON.stringify(step)}]`).join('')}`
  const except = modules.some((each) => dotted(each) === dotted(module) && each.rules.some((rule) => rule.name === 'exception'))
  const [open, close] = input === 'document' ? [EACH_DOCUMENT, ' with input as evidence.document'] : ['', '']
  const fields = `"gathered": ${JSON.stringify(name)}, "effect": "${effect}", "value": value${input === 'document' ? ', "evidence": at' : ''}`
  // conftest names a rule in `exception` by what stands behind the underscore.
  const short = JSON.stringify(name.replace(/^[a-z]+_?/, ''))
  const excepted = except ? `\n\tnot ${short} in {name | list := ${place}.exception[_]${close}; some name in list}` : ''
  return `results contains {${fields}} if {${open}\n\tvalue := ${place}.${name}${close}${excepted}\n}`
}

const EACH_DOCUMENT = '\n\tsome at, evidence in input.evidence\n\tevidence.document != null'

/** A policy about documents says nothing without one, which may not be an allow. */
const NO_DOCUMENT = `results contains {"rule": "missing_evidence", "effect": input.parameters.missing, "missing": ["document"], "message": "No usable document counts for this subject."} if {
	input.parameters.missing != "ignore"
	count([at | some at, evidence in input.evidence; evidence.document != null; evidence.completeness == "complete"]) == 0
}`

function dotted({ package: steps }: RegoModule): string {
  return steps.join('.')
}

function severalResults(rules: readonly AskedRule[]): PolicyFinding {
  const places = rules.map(({ module }) => dotted(module)).join(', ')
  const fix = 'Mark the one that shall be asked with "# METADATA" and "# entrypoint: true", or name the others differently.'
  return { code: 'entrypoint_missing', file: null, line: null, message: `There is a rule results in each of ${places}.`, fix }
}

function noEntrypoint(modules: readonly RegoModule[]): PolicyFinding {
  const file = modules.length === 1 ? (modules[0]?.path ?? null) : null
  const fix = 'Say what is wrong with: deny contains "a sentence" if { … }'
  return { code: 'entrypoint_missing', file, line: null, message: 'No rule is named deny, violation, warn or results.', fix }
}

function notGathered(module: RegoModule, { name, line }: RegoModule['rules'][number]): PolicyFinding {
  const fix = 'Put it into results, or rename one of them.'
  return { code: 'rules_not_gathered', file: module.path, line, message: `Only results is asked, so ${name} would say nothing.`, fix }
}
