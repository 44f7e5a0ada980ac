import type { Finding } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { isObject, numberOf, textOf, type JsonObject } from './json-fields.ts'
import { finding, jsonBytes, jsonOf, REDACTED, report, titleOf, wrongFormat } from './report.ts'

/**
 * Gitleaks' JSON list, of version 8 and of version 7 and older. Nothing found is `[]`, in some versions `null`:
 * any tool could have written that, so it is read only when the format is stated.
 * https://github.com/gitleaks/gitleaks (report/finding.go)
 */
export const gitleaks: ReportParser = {
  format: 'gitleaks',
  classes: ['secrets'],
  claims: ({ json }) => Array.isArray(json) && json.length > 0 && json.every(isLeak),
  parse: (source) => {
    const list = jsonOf('gitleaks', source) ?? []
    if (!Array.isArray(list) || !list.every(isLeak)) throw wrongFormat('gitleaks', 'it is not a list of leaks with rule and secret')
    const redacted = list.map(redact)
    const findings = new FindingList()
    for (const leak of redacted) findings.add(leakOf(leak), distinction(leak))
    return report({ name: 'gitleaks', version: null }, ['secrets'], {
      findings: findings.all(),
      redacted: list.length > 0 ? jsonBytes(redacted) : null,
    })
  },
}

function isLeak(item: unknown): item is JsonObject {
  if (!isObject(item)) return false
  const version8 = typeof item['RuleID'] === 'string' && ('Secret' in item || 'Match' in item)
  return version8 || (typeof item['rule'] === 'string' && 'offender' in item)
}

/** Fields that don't quote the file; every other text is blanked, whatever later versions name it. */
const DESCRIPTIVE = new Set([
  ...['Description', 'File', 'SymlinkFile', 'Commit', 'Link', 'Author', 'Email', 'Date', 'Message', 'Tags', 'Fingerprint'],
  ...['file', 'commit', 'repo', 'repoURL', 'leakURL', 'author', 'email', 'date', 'commitMessage', 'tags', 'operation'],
])
const QUOTING = ['Secret', 'Match', 'Line', 'offender', 'line']

/** Shorter texts occur by chance, as in the name of a folder. */
const SHORTEST_SECRET = 8

/** The leak without what it leaks: quotes of the file are blanked, and so is any other text that repeats the secret. */
function redact(leak: JsonObject): JsonObject {
  const quotes = QUOTING.flatMap((field) => textOf(leak[field]) ?? []).filter((quote) => quote.length >= SHORTEST_SECRET)
  const blanked = (value: unknown): unknown =>
    typeof value === 'string' && !quotes.some((quote) => value.includes(quote)) ? value : REDACTED
  const kept = ([field, value]: [string, unknown]): [string, unknown] => {
    if (field === 'RuleID' || field === 'rule' || typeof value === 'number' || value === null) return [field, value]
    if (!DESCRIPTIVE.has(field)) return [field, REDACTED]
    return [field, Array.isArray(value) ? value.map(blanked) : blanked(value)]
  }
  return Object.fromEntries(Object.entries(leak).map(kept))
}

function leakOf(leak: JsonObject): Finding {
  const file = textOf(leak['File']) ?? textOf(leak['file'])
  const line = numberOf(leak['StartLine']) ?? numberOf(leak['lineNumber'])
  const commit = textOf(leak['Commit']) ?? textOf(leak['commit'])
  const place = file !== null && line !== null ? `${file}:${line}` : file
  return finding({
    class: 'secrets',
    id: textOf(leak['RuleID']) ?? textOf(leak['rule']) ?? 'unnamed',
    severity: 'unknown',
    title: titleOf(leak['Description'], leak['rule']),
    location: commit === null ? place : `${place ?? 'history'} at ${commit}`,
  })
}

/** Leaks of a piped text have no file, and several leaks can share a line. */
function distinction(leak: JsonObject): string {
  const positions = ['StartLine', 'StartColumn', 'EndLine', 'EndColumn'].map((field) => numberOf(leak[field]))
  return JSON.stringify([leak['Fingerprint'], ...positions])
}
