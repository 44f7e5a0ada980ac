import type { PolicyFinding } from '../finding.ts'
import type { PolicySource } from '../policy-compiler.ts'
import { runFailed } from './diagnostics.ts'
import type { RunOpa } from './opa-cli.ts'
import type { Workspace } from './workspace.ts'

const ONE_TEST = '5s'

/** One test as `opa test --format json` lists it. */
interface TestOutcome {
  location?: { file?: string; row?: number }
  package: string
  name: string
  fail?: boolean
  error?: { message?: string }
}

/**
 * Runs the tests of a policy. Its modules, those of the tests included, must have passed the check before: a test could do whatever a builtin can.
 * @returns a finding for each test that fails
 */
export async function runTests(
  files: readonly PolicySource[],
  { opa, workspace, capabilities }: { opa: RunOpa; workspace: Workspace; capabilities: string },
): Promise<PolicyFinding[]> {
  const folder = await workspace.folder('tests', files)
  const run = await opa(['test', '-b', '.', '--format', 'json', '--timeout', ONE_TEST, '--capabilities', capabilities], folder)
  const outcomes = run.status === 0 || run.status === 2 ? parsed(run.stdout) : undefined
  if (!outcomes) return [runFailed('the tests', run)]
  return outcomes.filter(({ fail, error }) => fail === true || error !== undefined).map(findingFor)
}

function findingFor({ location, package: owner, name, error }: TestOutcome): PolicyFinding {
  const said = error?.message?.split('\n')[0]?.slice(0, 300).toWellFormed()
  return {
    code: 'tests_failed',
    file: location?.file ?? null,
    line: location?.row ?? null,
    message: `The test ${owner.replace(/^data\./, '')}.${name} fails${said === undefined ? '' : `: ${said}`}.`,
    fix: 'See why with: opa test --verbose DIR',
  }
}

function parsed(text: string): TestOutcome[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? (value as TestOutcome[]) : undefined
  } catch {
    return undefined
  }
}
