import type { Digest } from '../../core/digest.ts'
import type { ParsedReport } from '../model.ts'
import { digestsIn, isObject, objectOf, objectsOf, textOf, type JsonObject } from './json-fields.ts'
import { itemsOf, malformed } from './report.ts'

/** Where the report of a cluster lists resources: `--report all`, `--report summary`, and the two lists of versions before 0.35. */
export const CLUSTER_LISTS = ['Resources', 'Findings', 'Vulnerabilities', 'Misconfigurations'] as const

/** One scanned resource of a cluster. */
export interface ClusterResource {
  /** `namespace/kind/name`. */
  name: string
  results: JsonObject[]
  /** Digests of its images. */
  digests: Digest[]
  failed: boolean
}

/** True for the report of `trivy kubernetes`. */
export function isClusterReport(json: unknown): json is JsonObject {
  return isObject(json) && typeof json['ClusterName'] === 'string' && !('ArtifactName' in json)
}

/** @throws {ReportError} `report_malformed` for lists that can't be read */
export function clusterResources(json: JsonObject): ClusterResource[] {
  return CLUSTER_LISTS.flatMap((list) => itemsOf('trivy', json, list)).map((resource) => {
    if (typeof resource['Kind'] !== 'string') throw malformed('trivy', 'has a resource without a kind')
    const metadata = Array.isArray(resource['Metadata']) ? objectsOf(resource['Metadata']) : [objectOf(resource['Metadata'])]
    return {
      name: [resource['Namespace'], resource['Kind'], resource['Name']].flatMap((part) => textOf(part) ?? []).join('/'),
      results: itemsOf('trivy', resource, 'Results'),
      digests: metadata.flatMap((image) => digestsIn(image['RepoDigests'])),
      failed: (resource['Error'] ?? '') !== '',
    }
  })
}

/** Trivy goes on where it can't scan a resource, and tells so in it. */
export function clusterFailures(resources: readonly ClusterResource[]): Partial<ParsedReport> {
  const failed = resources.filter((resource) => resource.failed).length
  if (failed === 0) return {}
  return {
    completeness: failed === resources.length ? 'failed' : 'partial',
    completenessReason: `Trivy could not scan ${failed} of ${resources.length} resources of the cluster.`,
  }
}
