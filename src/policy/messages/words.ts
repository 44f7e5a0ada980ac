import type { Severity } from '../../core/severity.ts'
import type { PackResult } from '../result.ts'

/** What a sentence may say of a finding. All texts come from reports and are attacker-controlled. */
export interface MessageFinding {
  id: string
  package: string | null
  version: string | null
  fixedVersion: string | null
  severity: Severity
}

/** What to tell a person: what is wrong, and the smallest thing that puts it right. */
export interface Message {
  message: string
  fix: string | null
}

/** Writes the sentences for one rule. */
export type RuleMessage = (result: PackResult, findings: readonly MessageFinding[]) => Message

/** Items that a sentence lists before it says how many more there are, and how much of each. */
const LISTED = 5
const ITEM_LENGTH = 120

/** A number among the arguments of a result; 0 if there is none. */
export function numberArg(result: PackResult, name: string): number {
  const value = result.args?.[name]
  return typeof value === 'number' ? value : 0
}

/** A text among the arguments of a result; undefined if there is none. */
export function textArg(result: PackResult, name: string): string | undefined {
  const value = result.args?.[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** The texts of a list among the arguments of a result. */
export function listArg(result: PackResult, name: string): readonly string[] {
  const value = result.args?.[name]
  return Array.isArray(value) ? value.map(String) : []
}

/** `1 test`, `2 tests`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
  return `${count} ${count === 1 ? singular : plural}`
}

/** `none is allowed`, `at most 3 are allowed`. */
export function allowance(limit: number): string {
  return limit === 0 ? 'none is allowed' : limit === 1 ? 'at most 1 is allowed' : `at most ${limit} are allowed`
}

/** `a, b and c`; past the fifth only how many more. Repeats are said once. */
export function listed(items: readonly string[]): string {
  const distinct = [...new Set(items)].map((item) => (item.length > ITEM_LENGTH ? `${item.slice(0, ITEM_LENGTH - 1)}…` : item))
  const shown = distinct.length > LISTED ? [...distinct.slice(0, LISTED), `${distinct.length - LISTED} more`] : distinct
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}

/** Seconds since the epoch as RFC 3339 without fractions. */
export function instantText(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? 'an unknown time' : date.toISOString().replace('.000Z', 'Z')
}

/** `in "api"`, or nothing for a report without a name; begins with a space. */
export function inReport(result: PackResult): string {
  const name = textArg(result, 'name')
  return name === undefined ? '' : ` in "${name}"`
}

/** `CVE-1 in openssl 3.0.2`. */
function findingText({ id, package: name, version }: MessageFinding): string {
  return name === null ? id : `${id} in ${version === null ? name : `${name} ${version}`}`
}

/** The findings that a sentence names, behind a colon; nothing if there are none. */
export function naming(findings: readonly MessageFinding[]): string {
  return findings.length === 0 ? '' : `: ${listed(findings.map(findingText))}`
}
