import { deepEqual, ok } from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, it } from 'node:test'
import { readSource, readSources } from './source-files.ts'
import type { SourceFile } from './source-files.ts'

const DOMAIN = ['evidence', 'sbom', 'provenance', 'policy', 'governance', 'ownership', 'operations', 'audit', 'auth'] as const

/** What a folder of `src` may import besides itself, and why. A folder that is not listed may not exist. */
const ARROWS: Record<string, { may: readonly string[] | 'everything'; because: string }> = {
  core: { may: [], because: 'core is the vocabulary: it knows nothing of what is built with it' },
  config: { may: ['core', 'policy'], because: 'settings are parsed before anything exists; a profile is a word of policy' },
  ...Object.fromEntries(
    DOMAIN.map((folder) => [
      folder,
      { may: ['core'], because: 'a domain folder stands alone and declares as ports what it needs from outside' },
    ]),
  ),
  decisions: { may: ['core', ...DOMAIN], because: 'a decision is made of domain concepts and knows neither HTTP nor storage' },
  http: { may: ['core', 'decisions', ...DOMAIN], because: 'a route calls a use case; what stores or signs is injected' },
  admission: { may: ['core', 'decisions', ...DOMAIN], because: 'admission is another way in, like http' },
  integrations: { may: ['core', 'decisions', ...DOMAIN], because: 'an integration is another way in, like http' },
  storage: { may: ['core', 'decisions', ...DOMAIN], because: 'storage implements the ports of the domain and is known to nobody' },
  signing: { may: ['core', 'decisions', ...DOMAIN], because: 'signing implements ports of the domain and is known to nobody' },
  outbound: { may: ['core', ...DOMAIN], because: 'outbound implements ports of the domain and is known to nobody' },
  oci: { may: ['core', 'decisions', ...DOMAIN], because: 'oci implements ports of the domain and is known to nobody' },
  composition: { may: 'everything', because: 'it is the composition root, part by part' },
  console: { may: [], because: 'the console talks to the public API only' },
}

/** Files directly in `src`. */
const ROOTS: Record<string, { may: readonly string[] | 'everything'; because: string }> = {
  'src/service.ts': { may: 'everything', because: 'it is the composition root' },
  'src/main.ts': { may: ['core', 'config', 'service.ts'], because: 'it reads the environment, starts the service and ends it' },
}

/** Packages that belong to one layer: a second user would be a second way. */
const PACKAGES: Record<string, { only: readonly string[]; because: string }> = {
  express: { only: ['http'], because: 'nothing but http knows the web framework' },
  kysely: { only: ['storage'], because: 'nothing but storage knows the query builder' },
  pg: { only: ['storage'], because: 'nothing but storage talks to a database' },
  'node:sqlite': { only: ['storage'], because: 'nothing but storage talks to a database' },
  '@open-policy-agent/opa-wasm': { only: ['policy'], because: 'the engine stands behind the guards of policy' },
  jose: { only: ['auth'], because: 'who signed a token is told in one place' },
  saxes: { only: ['evidence'], because: 'XML of strangers is read behind one set of limits' },
}

describe('The layers', () => {
  const sources = readSources('src')

  it('are read from the files that exist', () => {
    ok(sources.length > 50, `only ${sources.length} files below src`)
    for (const file of ['src/core/digest.ts', 'src/decisions/ports.ts', 'src/policy/evaluator.ts', 'src/main.ts', 'src/service.ts'])
      ok(
        sources.some(({ path }) => path === file),
        `${file} was not seen`,
      )
    ok(sources.flatMap(({ imports }) => imports).length > 100, 'imports were not seen')
  })

  it('are imported only along the arrows', () => {
    deepEqual(sources.flatMap(brokenArrows), [])
  })

  it('import only files that exist, with their extension', () => {
    const missing = sources.flatMap(({ path, imports }) =>
      imports
        .filter((entry) => entry.path !== undefined && !existsSync(entry.path))
        .map(({ specifier, line }) => `${path}:${line} ${specifier}`),
    )
    deepEqual(missing, [])
  })

  it('keep a package where it belongs', () => {
    deepEqual(sources.flatMap(strayPackages), [])
  })

  it('are told apart by this test: a forbidden import of each kind is noticed', () => {
    const broken = (path: string, text: string): number => brokenArrows(readSource(path, text)).length
    deepEqual(
      {
        static: broken('src/core/x.ts', `import { a } from '../policy/model.ts'`),
        type: broken('src/http/x.ts', `import type { a } from '../storage/database.ts'`),
        reexport: broken('src/evidence/x.ts', `export { a } from '../policy/model.ts'`),
        dynamic: broken('src/policy/x.ts', `await import('../decisions/gate.ts')`),
        worker: broken('src/policy/x.ts', `new Worker(new URL('../storage/writer-worker.ts', import.meta.url))`),
        typeQuery: broken('src/decisions/x.ts', `let a: import('../http/server.ts').Server`),
        unknownFolder: broken('src/helpers/x.ts', ''),
        allowed: broken('src/decisions/x.ts', `import { a } from '../policy/model.ts'; import { b } from './gate.ts'`),
      },
      { static: 1, type: 1, reexport: 1, dynamic: 1, worker: 1, typeQuery: 1, unknownFolder: 1, allowed: 0 },
    )
  })
})

/** `src/http/routes/x.ts` → `http`; `src/main.ts` → `main.ts`; outside `src` → undefined. */
function folderOf(path: string): string | undefined {
  return /^src\/([^/]+)/.exec(path)?.[1]
}

function brokenArrows({ path, imports }: SourceFile): string[] {
  const folder = folderOf(path) ?? ''
  const rule = ROOTS[path] ?? ARROWS[folder]
  if (rule === undefined) return [`${path}: no arrow is defined for src/${folder}`]
  const allowed = rule.may
  if (allowed === 'everything') return []
  return imports.flatMap(({ path: target, line, specifier }) => {
    if (target === undefined) return []
    const to = folderOf(target)
    const fine = to !== undefined && (to === folder || allowed.includes(to))
    return fine ? [] : [`${path}:${line} imports ${specifier}: ${rule.because}`]
  })
}

function strayPackages({ path, imports }: SourceFile): string[] {
  const folder = folderOf(path) ?? ''
  return imports.flatMap(({ specifier, line }) => {
    const [name, rule] = Object.entries(PACKAGES).find(([known]) => specifier === known || specifier.startsWith(`${known}/`)) ?? []
    return rule === undefined || rule.only.includes(folder) ? [] : [`${path}:${line} imports ${name}: ${rule.because}`]
  })
}
