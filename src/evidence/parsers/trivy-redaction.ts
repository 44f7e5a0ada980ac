import { isObject, objectOf, objectsOf, textOf, type JsonObject } from './json-fields.ts'
import { REDACTED } from './report.ts'
import { CLUSTER_LISTS, isClusterReport } from './trivy-kubernetes.ts'

/** True if a result of Trivy quotes secrets: those found by its secret scanner, or by a check that looks for them in configuration. */
export function revealsSecrets(result: JsonObject): boolean {
  return (
    objectsOf(result['Secrets']).length > 0 ||
    objectsOf(result['ExperimentalModifiedFindings']).some((item) => item['Type'] === 'secret') ||
    objectsOf(result['Misconfigurations']).some((item) => /secret|password|credential/i.test(textOf(item['Title']) ?? ''))
  )
}

/** A copy of the report, of any shape, without anything that could quote a secret. */
export function redactTrivy(document: unknown): unknown {
  if (Array.isArray(document)) return document.map((result) => redactResult(objectOf(result)))
  if (!isObject(document)) return document
  return isClusterReport(document) ? redactCluster(document) : redactArtifact(document)
}

function redactCluster(document: JsonObject): JsonObject {
  const lists = CLUSTER_LISTS.filter((list) => list in document)
  return { ...document, ...Object.fromEntries(lists.map((list) => [list, objectsOf(document[list]).map(redactArtifact)])) }
}

/** A report about one artifact, or a resource of a cluster. */
function redactArtifact(document: JsonObject): JsonObject {
  return { ...document, Metadata: redactMetadata(document['Metadata']), Results: objectsOf(document['Results']).map(redactResult) }
}

/** Environment and history of the image are where Trivy finds secrets as well. */
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

function redactCause(check: JsonObject): JsonObject {
  const cause = objectOf(check['CauseMetadata'])
  const { Resource, Provider, Service, StartLine, EndLine } = cause
  return { ...check, CauseMetadata: { Resource, Provider, Service, StartLine, EndLine } }
}

function redactModified(item: JsonObject): JsonObject {
  const finding = objectOf(item['Finding'])
  if (item['Type'] === 'secret') return { ...item, Finding: redactSecret(finding) }
  return item['Type'] === 'misconfiguration' ? { ...item, Finding: redactCause(finding) } : item
}
