import type { Finding, ParsedReport } from '../model.ts'
import type { ReportParser, ReportSource } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { affectingAdvisories } from './govulncheck-affected.ts'
import { isLegacy, readLegacy } from './govulncheck-legacy.ts'
import { instantOf, isObject, numberOf, objectOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { firstJsonObject, jsonObjects } from './json-stream.ts'
import { packageUrl } from './package-url.ts'
import { finding, itemsOf, malformed, report, titleOf, wrongFormat } from './report.ts'

/**
 * `govulncheck -json`: a stream of messages (1.0 and later, also collected into a list), and the one document of earlier versions.
 * At scan level `symbol` what counts is called, at `package` imported, at `module` required; the rest is kept as suppressed, with the
 * reason. But the stream has no end mark, and govulncheck writes each level after the one before: what no message shows to have been
 * examined can't clear anything. Go's database gives no severities.
 * https://pkg.go.dev/golang.org/x/vuln/cmd/govulncheck
 */
export const govulncheck: ReportParser = {
  format: 'govulncheck',
  classes: ['vulnerabilities'],
  claims: (source) => isLegacy(source.json) || isConfig(Array.isArray(source.json) ? source.json[0] : firstJsonObject(source)),
  parse: (source) => {
    if (isLegacy(source.json)) return readLegacy(source.json)
    const messages = messagesOf(source)
    const { config } = messages[0] ?? {}
    if (!isConfig({ config })) throw wrongFormat('govulncheck', 'it does not begin with the configuration of a scan')
    return readMessages(objectOf(config), messages)
  },
}

function messagesOf(source: ReportSource): JsonObject[] {
  const messages: unknown = Array.isArray(source.json) ? source.json : jsonObjects(source)
  if (!Array.isArray(messages) || !messages.every(isObject))
    throw malformed('govulncheck', 'is not a stream of JSON objects; it may be cut off or mixed with log lines')
  return messages
}

function isConfig(message: unknown): boolean {
  const config = objectOf(objectOf(message)['config'])
  return 'protocol_version' in config && (config['scanner_name'] ?? 'govulncheck') === 'govulncheck'
}

function readMessages(config: JsonObject, messages: readonly JsonObject[]): ParsedReport {
  const advisories = new Map(objectsUnder(messages, 'osv').map((entry) => [textOf(entry['id']), entry]))
  const found = mostPrecise(objectsUnder(messages, 'finding'))
  const counted = countedLevel(found, textOf(config['scan_level']))
  const findings = new FindingList()
  for (const item of found) findings.add(findingOf(item, advisories, counted))
  return report({ name: 'govulncheck', version: textOf(config['scanner_version']) }, ['vulnerabilities'], {
    ...completenessOf(messages, found),
    databaseAt: instantOf(config['db_last_modified']),
    examined: mainModules(messages),
    findings: findings.all(),
  })
}

function objectsUnder(messages: readonly JsonObject[], kind: 'osv' | 'finding' | 'SBOM'): JsonObject[] {
  return messages.flatMap((message) => itemsOf('govulncheck', { [kind]: kind in message ? [message[kind]] : [] }, kind))
}

function completenessOf(messages: readonly JsonObject[], found: readonly Found[]): Partial<ParsedReport> {
  if (found.length === 0 && !messages.some(startsCheck)) return NOT_CHECKED
  const modules = modulesIn(messages)
  if (found.length === 0 && modules.length === 0) return UNTOLD
  const named = new Set(found.map(({ message }) => message['osv']))
  const affecting = affectingAdvisories(objectsUnder(messages, 'osv'), modules)
  return affecting.every((id) => named.has(id)) ? {} : CUT_OFF
}

function modulesIn(messages: readonly JsonObject[]): JsonObject[] {
  return objectsUnder(messages, 'SBOM').flatMap((build) => itemsOf('govulncheck', build, 'modules'))
}

/** The modules that are one's own have no version; the report speaks for them alone. */
function mainModules(messages: readonly JsonObject[]): string[] {
  return modulesIn(messages).flatMap((module) => (textOf(module['version']) === null ? (textOf(module['path']) ?? []) : []))
}

/** It ends early, without an error in the stream, if no package matched or the database could not be fetched. */
const NOT_CHECKED = {
  completeness: 'empty',
  completenessReason: 'govulncheck examined nothing: the stream ends before the code is checked against the database.',
} as const

const UNTOLD = {
  completeness: 'partial',
  completenessReason:
    'The stream holds no finding, and no list of modules by which to tell that it is whole: use govulncheck 1.1.4 or later, or -format sarif.',
} as const

const CUT_OFF = {
  completeness: 'partial',
  completenessReason: 'The stream was cut off: it holds an advisory that affects a module of the build, and no finding of it.',
} as const

function startsCheck(message: JsonObject): boolean {
  return /^(?:Scanning your |Checking the )/.test(textOf(objectOf(message['progress'])['message']) ?? '')
}

/** How far govulncheck followed a vulnerability: to a module that is required, a package that is imported, a function that is called. */
const LEVELS = ['module', 'package', 'symbol'] as const

type Level = (typeof LEVELS)[number]

interface Found {
  message: JsonObject
  level: Level
}

/** It reports a vulnerability of a module anew at each level, and for each call: the most precise one counts. */
function mostPrecise(messages: readonly JsonObject[]): Found[] {
  const found = new Map<string, Found>()
  for (const message of messages) {
    const frame = firstFrame(message)
    const key = JSON.stringify([message['osv'], frame['module'], frame['version']])
    const level: Level = 'function' in frame ? 'symbol' : 'package' in frame ? 'package' : 'module'
    const known = found.get(key)
    if (!known || LEVELS.indexOf(level) > LEVELS.indexOf(known.level)) found.set(key, { message, level })
  }
  return [...found.values()]
}

/**
 * The level from which on a finding counts: the scan's own, but none that the stream does not show. govulncheck can die between two
 * levels, in the call analysis above all, and a stream that ends there is no sign that nothing is called.
 * An unknown scan level makes everything count.
 */
function countedLevel(found: readonly Found[], scanLevel: string | null): number {
  const wanted = LEVELS.findIndex((level) => level === scanLevel)
  const shown = found.reduce((deepest, { level }) => Math.max(deepest, LEVELS.indexOf(level)), 0)
  return Math.min(wanted, shown)
}

/** The vulnerable end of the trace. */
function firstFrame(message: JsonObject): JsonObject {
  const [frame] = itemsOf('govulncheck', message, 'trace')
  if (!frame || textOf(message['osv']) === null) throw malformed('govulncheck', 'has a finding without vulnerability or trace')
  return frame
}

function findingOf({ message, level }: Found, advisories: ReadonlyMap<string | null, JsonObject>, counted: number): Finding {
  const frame = firstFrame(message)
  const [name, version] = [textOf(frame['module']), textOf(frame['version'])]
  const id = textOf(message['osv']) ?? 'unnamed'
  const advisory = advisories.get(id) ?? {}
  return finding({
    class: 'vulnerabilities',
    id,
    aliases: stringsOf(advisory['aliases']),
    severity: 'unknown',
    title: titleOf(advisory['summary'], advisory['details']),
    purl: packageUrl('golang', name, version),
    package: name,
    version,
    fixedVersion: textOf(message['fixed_version']),
    location: entryPoint(message),
    ...(LEVELS.indexOf(level) < counted && suppressed(level)),
  })
}

function suppressed(level: Level): Pick<Finding, 'suppressed' | 'suppressionReason'> {
  const suppressionReason = level === 'module' ? 'the vulnerable package is not imported' : 'the vulnerable code is not called'
  return { suppressed: true, suppressionReason }
}

/** Where one's own code leads into the vulnerable one. */
function entryPoint(message: JsonObject): string | null {
  const frame = itemsOf('govulncheck', message, 'trace').at(-1) ?? {}
  const position = objectOf(frame['position'])
  const [file, line] = [textOf(position['filename']), numberOf(position['line'])]
  return file !== null && line !== null ? `${file}:${line}` : (file ?? textOf(frame['package']))
}
