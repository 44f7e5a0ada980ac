/**
 * `npm run tools`: brings the real counterparts that the tests run against. Each lies in a versioned cache outside the checkout
 * (`$XDG_CACHE_HOME/portcullis/tools`, else `~/.cache/…`) and is linked from `.tools/`, so that a second run, or a second checkout, is quick.
 */
import { OPA_VERSION } from '../src/policy/authoring/opa/find-opa.ts'
import { installOpa } from './opa.ts'

interface Tool {
  name: string
  version: string
  /** Which tests cannot run without it. */
  neededBy: string
  /**
   * Finds it or brings it.
   * @returns where it is
   * @throws {Error} with a sentence that says what to do
   */
  install(): string
}

/** One row a tool. A tool of Debian's packages is a row whose `install` runs `apt-get update` before `apt-get install`. */
const TOOLS: readonly Tool[] = [
  {
    name: 'opa',
    version: OPA_VERSION,
    neededBy: 'compiling the packs, their Rego tests, and our builtins against its own',
    install: () => installOpa(),
  },
]

let missing = 0
for (const tool of TOOLS) {
  const started = performance.now()
  try {
    const path = tool.install()
    console.log(`✔ ${tool.name} ${tool.version}: ${path} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
  } catch (error) {
    missing += 1
    console.error(`✖ ${tool.name} ${tool.version}, for ${tool.neededBy}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
process.exitCode = missing === 0 ? 0 : 1
