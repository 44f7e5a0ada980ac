import type { Digest } from '../../core/digest.ts'
import type { EvidenceClass } from '../../core/evidence-class.ts'
import { parseSeverity } from '../../core/severity.ts'
import type { Finding } from '../model.ts'
import { digestIn, isObject, numberOf, objectOf, objectsOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { packageUrl, type PackageType } from './package-url.ts'
import { finding, itemsOf, malformed, titleOf } from './report.ts'

const CLASS_OF_TYPE: Readonly<Record<string, EvidenceClass>> = {
  PACKAGE_VULNERABILITY: 'vulnerabilities',
  CODE_VULNERABILITY: 'sast',
  NETWORK_REACHABILITY: 'misconfigurations',
}

/**
 * One finding of Amazon Inspector, as `list-findings` and ECR's enhanced scanning give it: one for each vulnerable package.
 * Suppressed and closed ones (the image is gone, or the package fixed) are kept as suppressed.
 */
export function inspectorFindings(format: string, item: JsonObject): Finding[] {
  const type = textOf(item['type']) ?? 'PACKAGE_VULNERABILITY'
  const found = Object.hasOwn(CLASS_OF_TYPE, type) ? CLASS_OF_TYPE[type] : undefined
  if (found === undefined) throw malformed(format, 'has a finding of a type that Inspector did not have')
  const base = baseOf(item, found)
  if (found !== 'vulnerabilities') return [{ ...base, ...placeOf(item) }]
  const { packageVulnerabilityDetails: details } = item
  if (!isObject(details)) throw malformed(format, 'has a package vulnerability without details')
  const named = { ...base, id: textOf(details['vulnerabilityId']) ?? base.id, aliases: stringsOf(details['relatedVulnerabilities']) }
  const packages = itemsOf(format, details, 'vulnerablePackages')
  return packages.length === 0 ? [named] : packages.map((owner) => ({ ...named, ...packageOf(owner, item) }))
}

function baseOf(item: JsonObject, found: EvidenceClass): Finding {
  const toolSeverity = textOf(item['severity'])
  const status = textOf(item['status'])
  const suppressed = status === 'SUPPRESSED' || status === 'CLOSED'
  return finding({
    class: found,
    id: textOf(objectOf(item['codeVulnerabilityDetails'])['detectorId']) ?? textOf(item['title']) ?? 'unnamed',
    severity: parseSeverity(toolSeverity),
    toolSeverity,
    score: numberOf(item['inspectorScore']) ?? numberOf(item['score']),
    title: titleOf(item['title'], item['description']),
    fixState: textOf(item['fixAvailable']),
    suppressed,
    suppressionReason: suppressed ? `status ${status}` : null,
  })
}

const PACKAGE_TYPES: Readonly<Record<string, PackageType>> = {
  BUNDLER: 'gem',
  CARGO: 'cargo',
  COMPOSER: 'composer',
  DOTNET_DEPS: 'nuget',
  GEMSPEC: 'gem',
  GOBINARY: 'golang',
  GOMOD: 'golang',
  JAR: 'maven',
  NODEPKG: 'npm',
  NPM: 'npm',
  NUGET: 'nuget',
  PIP: 'pypi',
  PIPENV: 'pypi',
  POETRY: 'pypi',
  POM: 'maven',
  PYTHON: 'pypi',
  PYTHONPKG: 'pypi',
  YARN: 'npm',
}

function packageOf(owner: JsonObject, item: JsonObject): Pick<Finding, 'purl' | 'package' | 'version' | 'fixedVersion' | 'location'> {
  const [name, version, manager] = [textOf(owner['name']), versionOf(owner), textOf(owner['packageManager']) ?? '']
  const type = Object.hasOwn(PACKAGE_TYPES, manager) ? PACKAGE_TYPES[manager] : undefined
  const fixed = textOf(owner['fixedInVersion'])
  const stated = fixed === 'NotAvailable' ? null : fixed
  return {
    purl: type === undefined ? null : packageUrl(type, name, version),
    package: name,
    version,
    fixedVersion: item['fixAvailable'] === 'NO' ? null : (stated ?? (item['fixAvailable'] === 'YES' ? 'a later version' : null)),
    location: textOf(owner['filePath']) ?? placeOf(item).location,
  }
}

/** Packages of a distribution have their version in three parts. */
function versionOf(owner: JsonObject): string | null {
  const [epoch, version, release] = [numberOf(owner['epoch']), textOf(owner['version']), textOf(owner['release'])]
  if (version === null) return null
  return `${epoch === null || epoch === 0 ? '' : `${epoch}:`}${version}${release === null ? '' : `-${release}`}`
}

function placeOf(item: JsonObject): Pick<Finding, 'location'> {
  const file = objectOf(objectOf(item['codeVulnerabilityDetails'])['filePath'])
  const [path, line] = [textOf(file['filePath']) ?? textOf(file['fileName']), numberOf(file['startLine'])]
  const [resource] = objectsOf(item['resources'])
  return { location: path === null ? textOf(resource?.['id']) : line === null ? path : `${path}:${line}` }
}

/** The digests of the images that the finding is about. */
export function imageDigests(item: JsonObject): Digest[] {
  return objectsOf(item['resources']).flatMap(
    (resource) => digestIn(objectOf(objectOf(resource['details'])['awsEcrContainerImage'])['imageHash']) ?? [],
  )
}
