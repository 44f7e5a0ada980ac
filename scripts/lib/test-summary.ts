import type { FileOutcome } from './test-outcome.ts'

/** Skips with one reason: what is missing, and how much of the suite did not run for it. */
interface SkipGroup {
  reason: string
  tests: number
  files: Set<string>
}

/**
 * The end of a test run as text: failures, then one line per missing counterpart, then the totals as the last line.
 * @param requireAll a skip is a failure (`PORTCULLIS_TEST_REQUIRE=all`)
 */
export function summarise(outcomes: readonly FileOutcome[], requireAll: boolean): { text: string; ok: boolean } {
  const failed = sum(outcomes, (outcome) => outcome.failures.length)
  const passed = sum(outcomes, (outcome) => outcome.passed)
  const skipped = sum(outcomes, (outcome) => outcome.skipped.length)
  const ok = failed === 0 && passed > 0 && !(requireAll && skipped > 0)
  const lines = [...outcomes.flatMap(describeFailures), ...describeSkips(outcomes, requireAll)]
  if (passed === 0) lines.push('No test passed: that is not a green run.')
  lines.push(`${outcomes.length} files`, `tests: ${passed} passed, ${failed} failed, ${skipped} skipped`)
  return { text: lines.join('\n'), ok }
}

function describeFailures(outcome: FileOutcome): string[] {
  if (outcome.failures.length === 0) return []
  const failures = outcome.failures.flatMap((failure) => [`✖ ${failure.name}`, `  ${failure.location}`, indent(failure.detail), ''])
  const output = outcome.output.trim() === '' ? [] : [`  output of ${outcome.file}:`, indent(outcome.output.trimEnd()), '']
  return ['', ...failures, ...output]
}

function describeSkips(outcomes: readonly FileOutcome[], requireAll: boolean): string[] {
  const groups = new Map<string, SkipGroup>()
  for (const outcome of outcomes) {
    for (const { reason } of outcome.skipped) {
      const group = groups.get(reason) ?? { reason, tests: 0, files: new Set<string>() }
      group.tests += 1
      group.files.add(outcome.file)
      groups.set(reason, group)
    }
  }
  if (groups.size === 0) return []
  const heading = requireAll ? 'Not run, which PORTCULLIS_TEST_REQUIRE=all makes a failure:' : 'Not run:'
  return ['', heading, ...[...groups.values()].map((group) => `  ${group.reason} (${group.tests} in ${[...group.files].join(', ')})`), '']
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '    ')
}

function sum<T>(items: readonly T[], count: (item: T) => number): number {
  return items.reduce((total, item) => total + count(item), 0)
}
