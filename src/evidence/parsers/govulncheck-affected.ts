import { compareSemver } from '../../core/semver.ts'
import { objectOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { itemsOf } from './report.ts'

/**
 * The advisories of the stream that affect a module of its build, by what they themselves say. govulncheck gives a finding for each of
 * them before anything else, so that one without a finding shows that the stream was cut off.
 * @param advisories entries of Go's vulnerability database, in the OSV format
 * @param modules `{path, version}` of the stream's SBOM
 * @throws {ReportError} `report_malformed` for lists that can't be read, by which nothing could be told
 * @returns ids; those left out of which this can't be told: withdrawn, only on some platforms, of a module without a version
 */
export function affectingAdvisories(advisories: readonly JsonObject[], modules: readonly JsonObject[]): string[] {
  const versions = new Map(modules.map((module) => [textOf(module['path']), textOf(module['version'])]))
  const affects = (affected: JsonObject): boolean => {
    const version = versions.get(textOf(objectOf(affected['package'])['name'])) ?? null
    return (
      version !== null && onEveryPlatform(affected) && itemsOf('govulncheck', affected, 'ranges').some((range) => holds(range, version))
    )
  }
  return advisories
    .filter((advisory) => textOf(advisory['withdrawn']) === null && itemsOf('govulncheck', advisory, 'affected').some(affects))
    .flatMap((advisory) => textOf(advisory['id']) ?? [])
}

function onEveryPlatform(affected: JsonObject): boolean {
  const imports = itemsOf('govulncheck', objectOf(affected['ecosystem_specific']), 'imports')
  return imports.length === 0 || imports.some((item) => stringsOf(item['goos']).length + stringsOf(item['goarch']).length === 0)
}

/** https://ossf.github.io/osv-schema/#affectedrangesevents-fields */
function holds(range: JsonObject, version: string): boolean {
  if (range['type'] !== 'SEMVER') return false
  let affected = false
  for (const event of itemsOf('govulncheck', range, 'events')) {
    const [introduced, fixed] = [textOf(event['introduced']), textOf(event['fixed'])]
    if (introduced !== null) affected ||= introduced === '0' || (compareSemver(version, introduced) ?? -1) >= 0
    else if (fixed !== null) affected &&= (compareSemver(version, fixed) ?? 1) < 0
  }
  return affected
}
