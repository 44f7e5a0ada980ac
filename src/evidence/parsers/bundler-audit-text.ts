import { stripVTControlCharacters } from 'node:util'

import { malformed, titleOf } from './report.ts'

/** One advisory about one gem, from JSON or text. */
export interface BundlerAdvisory {
  name: string | null
  version: string | null
  /** The advisory's own id first. */
  ids: string[]
  criticality: string | null
  score: number | null
  title: string | null
  solution: string | null
}

interface TextReport {
  advisories: BundlerAdvisory[]
  sources: string[]
}

/** What the audit says last; without it the output was cut off or is not an audit's. Versions before 0.4 spoke of unpatched versions. */
const VERDICT = /^(No vulnerabilities found|No unpatched versions found|Vulnerabilities found!|Unpatched versions found!)$/
const INSECURE = /^Insecure Source URI found: (\S.*)$/
const FIELD = /^(Name|Version|Advisory|CVE|GHSA|OSVDB|Criticality|URL|Title|Description|Solution): ?(.*)$/

/** True if the last line is a verdict. The words alone are not bundler-audit's: other scanners, too, end with "No vulnerabilities found". */
export function endsLikeAudit(text: string): boolean {
  return VERDICT.test(plain(text.slice(-500)).trimEnd().split('\n').at(-1)?.trim() ?? '')
}

/** True if it holds lines that only bundler-audit writes: an advisory, an insecure source, the update of its database. */
export function hasMarksOfAudit(text: string): boolean {
  return /^(?:Criticality: |Insecure Source URI found: |ruby-advisory-db:|(?:No unpatched|Unpatched) versions found)/m.test(plain(text))
}

/**
 * The text output: a block of `Key: value` lines for each gem and advisory, and a verdict.
 * @throws {ReportError} `report_malformed` if blocks and verdict contradict each other, or a block is not whole
 */
export function readBundlerText(text: string): TextReport {
  const lines = plain(text)
    .trimEnd()
    .split('\n')
    .map((line) => line.trimEnd())
  const verdicts = lines.filter((line) => VERDICT.test(line))
  const sources = lines.flatMap((line) => INSECURE.exec(line)?.[1] ?? [])
  const advisories = blocksOf(lines).map(advisoryOf)
  const found = advisories.length + sources.length > 0
  if (verdicts.length !== 1 || found !== !verdicts[0]?.startsWith('No ')) throw malformed('bundler-audit', 'contradicts its own verdict')
  return { advisories, sources }
}

/** Without the colours of a terminal. */
function plain(text: string): string {
  return stripVTControlCharacters(text)
}

/** The fields of each block, which begins with `Name:`. Indented lines are the description, which nobody can pass off as fields. */
function blocksOf(lines: readonly string[]): Map<string, string>[] {
  const blocks: Map<string, string>[] = []
  for (const line of lines) {
    const [, key, value = ''] = FIELD.exec(line) ?? []
    if (key === undefined) continue
    if (key === 'Name') blocks.push(new Map())
    const block = blocks.at(-1)
    if (!block) throw malformed('bundler-audit', 'has an advisory without the name of a gem')
    block.set(key, value)
  }
  return blocks
}

const ID_FIELDS = ['Advisory', 'CVE', 'GHSA', 'OSVDB']

function advisoryOf(block: ReadonlyMap<string, string>): BundlerAdvisory {
  const textOf = (key: string): string | null => block.get(key) || null
  if (!block.has('Version') || !block.has('Criticality')) throw malformed('bundler-audit', 'has an advisory that is not whole')
  const solution = /^upgrade to (\S.*)$/.exec(block.get('Solution') ?? '')?.[1] ?? null
  return {
    name: textOf('Name'),
    version: textOf('Version'),
    ids: ID_FIELDS.flatMap((key) => textOf(key) ?? []),
    criticality: textOf('Criticality'),
    score: null,
    title: titleOf(block.get('Title')),
    solution: solution?.replace(/^'(.*)'$/, '$1') ?? null,
  }
}
