import { findOpa } from '../../scripts/opa.ts'
import { OPA_VERSION } from '../../src/policy/authoring/opa/find-opa.ts'

/** A real counterpart that tests talk to: its path, or why the tests that need it are skipped. */
export type Tool = { path: string; skip: false } | { path: undefined; skip: string }

const FINDERS = {
  opa: () => ({ title: `OPA ${OPA_VERSION}`, ...findOpa() }),
} as const satisfies Record<string, () => { title: string; path?: string | undefined; problem?: string }>

/**
 * Finds a tool for a suite: `describe('…', { skip: tool.skip }, …)`.
 * @throws {Error} if it is missing while PORTCULLIS_TEST_REQUIRE=all says that nothing may be skipped
 */
export function requireTool(name: keyof typeof FINDERS): Tool {
  const { title, path, problem } = FINDERS[name]() as { title: string; path?: string; problem?: string }
  if (path !== undefined) return { path, skip: false }
  const skip = `needs ${title} (${problem ?? 'not found'}); bring it with: npm run tools`
  if (process.env['PORTCULLIS_TEST_REQUIRE'] === 'all') throw new Error(skip)
  return { path: undefined, skip }
}
