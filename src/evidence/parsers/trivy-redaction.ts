import { isObject, objectOf, objectsOf, textOf, type JsonObject } from './json-fields.ts'
import { jsonBytes, REDACTED } from './report.ts'
import { CLUSTER_LISTS, isClusterReport } from './trivy-kubernetes.ts'

/**
 * The report, of any shape, without anything that could quote a secret: what the secret scanner found, the code of failed checks, and, where
 * secrets were found, environment and history of the image, in which Trivy looks for them as well.
 * @returns null if it quotes nothing
 */
export function redactTrivy(document: unknown, results: readonly JsonObject[]): Uint8Array | null {
  const secrets = results.some(revealsSecrets)
  if (!secrets && !results.some(quotesCode)) return null
  const artifact = (part: JsonObject): JsonObject => ({
    ...part,
    ...(secrets && { Metadata: redactMetadata(part['Metadata']) }),
    Results: objectsOf(part['Results']).map(redactResult),
  })
  return jsonBytes(redactDocument(document, artifact))
}

/** True if a result quotes secrets: those found by the secret scanner, or by a check that looks for them in configuration. */
function revealsSecrets(result: JsonObject): boolean {
  return (
    objectsOf(result['Secrets']).length > 0 ||
    objectsOf(result['ExperimentalModifiedFindings']).some((item) => item['Type'] === 'secret') ||
    objectsOf(result['Misconfigurations']).some((item) => /secret|password|credential/i.test(textOf(item['Title']) ?? ''))
  )
}

/** True if a check says more about its cause than the place: that more is source code, of which nobody knows what it holds. */
function quotesCode(result: JsonObject): boolean {
  const modified = objectsOf(result['ExperimentalModifiedFindings']).map((item) => objectOf(item['Finding']))
  return [...objectsOf(result['Misconfigurations']), ...modified].some(({ CauseMetadata: cause }) =>
    Object.entries(objectOf(cause)).some(([field, value]) => !PLACE_FIELDS.has(field) && saysSomething(value)),
  )
}

/** False for the empty lists and objects that Trivy writes where it has no code to show. */
function saysSomething(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(saysSomething)
  return value !== null && value !== ''
}

/** @param artifact redacts a report about one artifact, or a resource of a cluster */
function redactDocument(document: unknown, artifact: (part: JsonObject) => JsonObject): unknown {
  if (Array.isArray(document)) return document.map((result) => redactResult(objectOf(result)))
  if (!isObject(document)) return document
  if (!isClusterReport(document)) return artifact(document)
  const lists = CLUSTER_LISTS.filter((list) => list in document)
  return { ...document, ...Object.fromEntries(lists.map((list) => [list, objectsOf(document[list]).map(artifact)])) }
}

function redactMetadata(metadata: unknown): unknown {
  if (Array.isArray(metadata)) return metadata.map(redactMetadata)
  return isObject(metadata) && 'ImageConfig' in metadata ? { ...metadata, ImageConfig: REDACTED } : metadata
}

function redactResult(result: JsonObject): JsonObject {
  return {
    ...result,
    ...('Secrets' in result && { Secrets: objectsOf(result['Secrets']).map(redactSecret) }),
    ...('Misconfigurations' in result && { Misconfigurations: objectsOf(result['Misconfigurations']).map(redactCause) }),
    ...('ExperimentalModifiedFindings' in result && {
      ExperimentalModifiedFindings: objectsOf(result['ExperimentalModifiedFindings']).map(redactModified),
    }),
  }
}

/** Only what is known to be harmless stays: fields of later versions may quote the secret as well. */
function redactSecret(secret: JsonObject): JsonObject {
  const { RuleID, Category, Severity, Title, StartLine, EndLine, Layer } = secret
  const { Digest, DiffID } = objectOf(Layer)
  return { RuleID, Category, Severity, Title, StartLine, EndLine, Match: REDACTED, Layer: { Digest, DiffID } }
}

const PLACE_FIELDS: ReadonlySet<string> = new Set(['Resource', 'Provider', 'Service', 'StartLine', 'EndLine'])

function redactCause(check: JsonObject): JsonObject {
  const { CauseMetadata: cause } = check
  if (!isObject(cause)) return check
  return { ...check, CauseMetadata: Object.fromEntries(Object.entries(cause).filter(([field]) => PLACE_FIELDS.has(field))) }
}

function redactModified(item: JsonObject): JsonObject {
  const finding = objectOf(item['Finding'])
  if (item['Type'] === 'secret') return { ...item, Finding: redactSecret(finding) }
  return item['Type'] === 'misconfiguration' ? { ...item, Finding: redactCause(finding) } : item
}
