import { AppError } from '../../core/app-error.ts'
import { isDigest, sha256Digest } from '../../core/digest.ts'
import type { IndexManifest } from '../model.ts'
import type { ReportErrorCode, ReportParser } from '../parser.ts'
import { isObject, objectOf, type JsonObject } from './json-fields.ts'
import { platformOf } from './platform.ts'
import { itemsOf, jsonOf, malformed, report, wrongFormat } from './report.ts'

const MEDIA_TYPES: readonly unknown[] = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]

/** Far more than any registry holds under one tag. */
const MAX_MANIFESTS = 10_000

/**
 * An OCI image index or a Docker manifest list. Its own bytes are the proof: their SHA-256 is the index's digest.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md
 */
export const ociIndex: ReportParser = {
  format: 'oci-index',
  classes: ['index'],
  claims: ({ json }) => isObject(json) && json['schemaVersion'] === 2 && Array.isArray(json['manifests']) && hasIndexMediaType(json),
  parse: (source) => {
    const json = jsonOf('oci-index', source)
    if (!isObject(json)) throw wrongFormat('oci-index', 'it is not a JSON object')
    refuseOthers(json)
    const manifests = itemsOf('oci-index', json, 'manifests')
    if (manifests.length > MAX_MANIFESTS) throw tooManyManifests()
    return report({ name: 'oci-index', version: null }, ['index'], {
      ...(manifests.length === 0 && { completeness: 'empty', completenessReason: 'The index lists no manifest.' }),
      statedDigests: [sha256Digest(source.bytes)],
      manifests: manifests.filter((item) => !isAttestation(item)).map(manifest),
    })
  },
}

/** The media type may be missing in an OCI index; if it is stated, it must be that of an index. */
function hasIndexMediaType(json: JsonObject): boolean {
  return json['mediaType'] === undefined || MEDIA_TYPES.includes(json['mediaType'])
}

/**
 * A document that is both an index and an image manifest means different things to different clients (CVE-2021-41190),
 * so it proves nothing. Go reads member names without regard to letter case, so a second spelling is refused too.
 */
function refuseOthers(json: JsonObject): void {
  if (json['schemaVersion'] !== 2) throw wrongFormat('oci-index', 'its schemaVersion is not 2')
  if (!hasIndexMediaType(json)) throw wrongFormat('oci-index', 'its mediaType is not that of an image index or manifest list')
  if (!Array.isArray(json['manifests'])) throw wrongFormat('oci-index', 'it has no list of manifests')
  const names = Object.keys(json).map((name) => name.toLowerCase())
  if (names.some((name) => name === 'layers' || name === 'config' || name === 'fslayers'))
    throw malformed('oci-index', 'is an index and an image manifest at once')
  if (new Set(names).size !== names.length) throw malformed('oci-index', 'has a member in two spellings')
}

function manifest(item: JsonObject): IndexManifest {
  const digest = item['digest']
  if (!isDigest(digest)) throw malformed('oci-index', 'names a manifest by something other than a sha256 digest')
  // Runtimes follow it, so its platforms would pass unseen.
  if (item['mediaType'] !== undefined && MEDIA_TYPES.includes(item['mediaType'])) throw malformed('oci-index', 'lists another index')
  return { digest, platform: statedPlatform(item) }
}

/**
 * BuildKit keeps attestations beside the platforms. Only an entry that no runtime can choose is one: the annotation on a
 * real platform would otherwise hide an image that runs.
 * https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md
 */
function isAttestation(item: JsonObject): boolean {
  const { os, architecture } = objectOf(item['platform'])
  const type = objectOf(item['annotations'])['vnd.docker.reference.type']
  return type === 'attestation-manifest' && os === 'unknown' && architecture === 'unknown'
}

/** Null where none is stated, or only an unknown one. */
function statedPlatform(item: JsonObject): string | null {
  const platform = platformOf(objectOf(item['platform']))
  return platform === 'unknown/unknown' ? null : platform
}

function tooManyManifests(): AppError<ReportErrorCode> {
  return new AppError('report_too_complex', `The index lists more than ${MAX_MANIFESTS} manifests.`, {
    field: 'body',
    remedy: 'Send the index of one image.',
  })
}
