import type { CorpusTable, Figures } from './table.ts'

export const tests: CorpusTable = {
  'junit/empty-suite.xml': { format: 'junit', figures: cases },
  // The run tells of a failure that no case shows, and of no more tests than there are cases.
  'junit/inline-properties.xml': { format: 'junit', figures: withStatedFailures },
  'junit/junit-complete.xml': { format: 'junit', figures: cases },
  // Pending tests are only counted by the run.
  'junit/mocha-failures-with-stack-trace.xml': { format: 'junit', figures: withStatedSkips },
  'junit/multiple-suites.xml': { format: 'junit', figures: cases },
  'junit/newman.xml': { format: 'junit', figures: cases },
  'junit/playwright-failures.xml': { format: 'junit', figures: cases },
  'junit/results-0-1.xml': { format: 'junit', figures: cases },
  'junit/single-suite.xml': { format: 'junit', figures: cases },
  'junit/test-case-attachments.xml': { format: 'junit', figures: withStatedFailures },
  'junit/testsuite-with-error.xml': { format: 'junit', figures: cases },
  'junit/wdio-failures-errors.xml': { format: 'junit', figures: cases },
}

/** `count(//testcase)`, those with a failure, those with nothing but an error, and those that were skipped. */
function cases(text: string): Figures {
  const bodies = text
    .replace(/<!--[^]*?-->/g, '')
    .split(/<testcase\b/)
    .slice(1)
    .map(bodyOf)
  const failed = bodies.filter((body) => /<failure\b/.test(body)).length
  const errored = bodies.filter((body) => /<error\b/.test(body) && !/<failure\b/.test(body)).length
  const skipped = bodies.filter((body) => /<skipped\b/.test(body)).length
  return { total: bodies.length, passed: bodies.length - failed - errored - skipped, failed, errored, skipped }
}

/** What stands between a case's own tags, without its texts. */
function bodyOf(rest: string): string {
  const startTag = /^(?:[^>"']|"[^"]*"|'[^']*')*>/.exec(rest)?.[0] ?? ''
  if (startTag.endsWith('/>')) return ''
  return (rest.slice(startTag.length).split('</testcase>')[0] ?? '').replace(/<!\[CDATA\[[^]*?\]\]>/g, '')
}

function withStatedFailures(text: string): Figures {
  const { total, skipped } = cases(text)
  const failed = stated(text, 'failures')
  return { total: total ?? 0, passed: (total ?? 0) - failed - (skipped ?? 0), failed, errored: 0, skipped: skipped ?? 0 }
}

function withStatedSkips(text: string): Figures {
  const shown = cases(text)
  return { ...shown, total: stated(text, 'tests'), skipped: stated(text, 'skipped') }
}

/** `/testsuites/@name` */
function stated(text: string, name: string): number {
  return Number(new RegExp(`<testsuites [^>]*\\b${name}="(\\d+)"`).exec(text)?.[1])
}
