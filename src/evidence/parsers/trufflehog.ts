import type { Finding, ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { isObject, numberOf, objectOf, textOf, type JsonObject } from './json-fields.ts'
import { firstJsonObject, jsonObjects } from './json-stream.ts'
import { keepOnly } from './keep-only.ts'
import { finding, malformed, REDACTED, report, wrongFormat } from './report.ts'
import { withoutQuery } from './url-parts.ts'

/**
 * `trufflehog --json` of version 3: one JSON object per secret, and, where its log was written to the same file (`2>&1`), the log.
 * Without the log the stream has no end mark, and a run that found nothing wrote nothing, which is refused as empty; the log's line
 * "finished scanning" shows that it ran.
 * https://github.com/trufflesecurity/trufflehog
 */
export const trufflehog: ReportParser = {
  format: 'trufflehog',
  classes: ['secrets'],
  claims: (source) => {
    const first = firstJsonObject(source)
    return first !== undefined && (isSecret(first) || isLog(first))
  },
  parse: (source) => {
    const lines = jsonObjects(source)
    if (!lines) throw malformed('trufflehog', 'holds something other than one JSON object per line; it may be cut off')
    if (!lines.every((line) => isSecret(line) || isLog(line)))
      throw wrongFormat('trufflehog', 'it has lines that are neither secrets nor its log')
    const secrets = lines.filter(isSecret)
    const end = lines.find(isEnd)
    const findings = new FindingList()
    for (const secret of secrets)
      findings.add(secretOf(secret), JSON.stringify([secret['SourceMetadata'], secret['DecoderName'], secret['Raw']]))
    return report({ name: 'trufflehog', version: textOf(end?.['trufflehog_version']) }, ['secrets'], {
      ...completenessOf(secrets, lines.filter(isLog), end),
      findings: findings.all(),
      redacted: new TextEncoder().encode(
        lines.map((line) => JSON.stringify(isLog(line) ? redactLog(line) : redactSecret(line))).join('\n'),
      ),
    })
  },
}

function isSecret(line: JsonObject): boolean {
  return isObject(line['SourceMetadata']) && textOf(line['DetectorName']) !== null && typeof line['Verified'] === 'boolean'
}

function isLog(line: JsonObject): boolean {
  return /^trufflehog\b/.test(textOf(line['logger']) ?? '') && textOf(line['msg']) !== null && textOf(line['level']) !== null
}

function isEnd(line: JsonObject): boolean {
  return isLog(line) && line['msg'] === 'finished scanning'
}

function completenessOf(secrets: readonly JsonObject[], log: readonly JsonObject[], end: JsonObject | undefined): Partial<ParsedReport> {
  if (log.length > 0 && !end) return { completeness: 'partial', completenessReason: 'The log of TruffleHog ends before the scan did.' }
  if (log.some((line) => line['level'] === 'error'))
    return { completeness: 'partial', completenessReason: 'TruffleHog tells of errors during the scan.' }
  if (end && (numberOf(end['verified_secrets']) ?? 0) + (numberOf(end['unverified_secrets']) ?? 0) > secrets.length)
    return { completeness: 'partial', completenessReason: 'TruffleHog counts more secrets than the file shows.' }
  if (end && (numberOf(end['chunks']) ?? 0) === 0 && secrets.length === 0)
    return { completeness: 'empty', completenessReason: 'TruffleHog scanned nothing: 0 chunks.' }
  return {}
}

/** A live secret and one that nobody could verify are secrets alike: the severity is left to the policy. */
function secretOf(secret: JsonObject): Finding {
  const { Verified, VerificationError } = secret
  const state = Verified === true ? 'verified' : textOf(VerificationError) === null ? 'unverified' : 'verification failed'
  return finding({
    class: 'secrets',
    id: textOf(secret['DetectorName']) ?? 'unnamed',
    severity: 'unknown',
    toolSeverity: state,
    title: `${textOf(secret['DetectorName']) ?? 'A'} secret, ${state}`,
    location: locationOf(placeOf(secret)),
  })
}

/** What the source says of the place: git, filesystem, docker and others each have an object of their own under `Data`. */
function placeOf(secret: JsonObject): JsonObject {
  return objectOf(Object.values(objectOf(objectOf(secret['SourceMetadata'])['Data'])).find(isObject))
}

function locationOf(place: JsonObject): string | null {
  const file = textOf(place['file']) ?? textOf(withoutQuery(textOf(place['link']) ?? ''))
  const line = numberOf(place['line'])
  const commit = textOf(place['commit'])
  const spot = file !== null && line !== null ? `${file}:${line}` : file
  return commit === null ? spot : `${spot ?? 'history'} at ${commit}`
}

const HARMLESS = [
  'SourceID',
  'SourceType',
  'SourceName',
  'DetectorType',
  'DetectorName',
  'DecoderName',
  'Verified',
  'VerificationFromCache',
]
/** Not `repository` and `email`: addresses of repositories can carry a password. */
const PLACE = ['commit', 'file', 'line', 'timestamp', 'image', 'layer', 'tag', 'bucket']

/** Raw, RawV2, Redacted, SecretParts, ExtraData and whatever comes later quote the secret; errors and links of its check may. */
function redactSecret(secret: JsonObject): JsonObject {
  const [kind] = Object.keys(objectOf(objectOf(secret['SourceMetadata'])['Data']))
  const place = kind === undefined ? {} : { [kind]: keepOnly(placeOf(secret), PLACE) }
  const failed = textOf(secret['VerificationError']) === null ? {} : { VerificationError: REDACTED }
  return { SourceMetadata: { Data: place }, ...keepOnly(secret, HARMLESS), ...failed, Raw: REDACTED }
}

const COUNTS = ['level', 'ts', 'logger', 'chunks', 'bytes', 'verified_secrets', 'unverified_secrets', 'scan_duration', 'trufflehog_version']

function redactLog(line: JsonObject): JsonObject {
  return { ...keepOnly(line, COUNTS), msg: isEnd(line) ? line['msg'] : REDACTED }
}
