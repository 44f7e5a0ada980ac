import type { EvidenceClass } from '../../core/evidence-class.ts'
import type { Finding } from '../model.ts'
import { isObject, numberOf, objectOf, objectsOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { finding, titleOf } from './report.ts'
import type { SarifRules } from './sarif-rules.ts'
import { severityOf } from './sarif-severity.ts'
import { classOfResult, mayQuoteSecrets, tagsOf } from './sarif-tools.ts'

/** A result of a run as a finding; what else tells it from others; whether its text may quote a secret. */
export interface ReadResult {
  finding: Finding
  distinction: string
  quotesSecret: boolean
  rule: JsonObject
}

/**
 * True if a result says that something is or may be wrong, now: its kind is `fail` (the default; unknown kinds count too), or `open` or `review`,
 * of which nobody has said yet that it passes; and it isn't one that the baseline had and this run has no more (SARIF 2.1.0, sections 3.27.9
 * and 3.27.24).
 */
export function isFailure(result: JsonObject): boolean {
  const others: readonly unknown[] = ['pass', 'notApplicable', 'informational']
  return !others.includes(result['kind']) && result['baselineState'] !== 'absent'
}

/** Reads one result of a run whose tool looks for `toolClass`. */
export function readResult(result: JsonObject, run: JsonObject, rules: SarifRules, toolClass: EvidenceClass): ReadResult {
  const { id, rule, namesakes } = rules.find(result)
  const rated = [rule, ...namesakes].map((each) => ({ rule: each, configuredLevel: rules.configuredLevel(id, each) }))
  const resultClass = classOfResult(toolClass, id, rule)
  const quotesSecret = mayQuoteSecrets(resultClass, id, rule)
  const message = messageOf(result, rule)
  const advisory = resultClass === 'vulnerabilities' ? advisoryIn(id) : null
  return {
    finding: finding({
      class: resultClass,
      id: advisory ?? id,
      aliases: resultClass === 'vulnerabilities' ? otherNames(advisory ?? id, id, rule) : [],
      ...severityOf(result, rated, resultClass),
      title: quotesSecret ? titleOf(...namesOf(rule)) : titleOf(message, ...namesOf(rule), objectOf(rule['fullDescription'])['text']),
      ...(resultClass === 'vulnerabilities' && packageOf(message, rule)),
      location: locationOf(result, run),
      ...suppressionOf(result),
    }),
    distinction: JSON.stringify([id, message, objectOf(objectOf(objectsOf(result['locations'])[0])['physicalLocation'])['region']]),
    quotesSecret,
    rule,
  }
}

/**
 * A result is suppressed if there is a suppression and none of them is still under review or was rejected
 * (SARIF 2.1.0, section 3.27.23); a status that nobody knows suppresses nothing.
 */
function suppressionOf(result: JsonObject): Pick<Finding, 'suppressed' | 'suppressionReason'> {
  const suppressions: readonly unknown[] = Array.isArray(result['suppressions']) ? result['suppressions'] : []
  // Drafts of the standard called the status `state`.
  const statusOf = (item: JsonObject): unknown => item['status'] ?? item['state'] ?? 'accepted'
  const accepted = (item: unknown): boolean => isObject(item) && statusOf(item) === 'accepted'
  if (suppressions.length === 0 || !suppressions.every(accepted)) return { suppressed: false, suppressionReason: null }
  const first = objectOf(suppressions[0])
  return { suppressed: true, suppressionReason: titleOf(first['justification'], first['kind']) ?? 'suppressed' }
}

function messageOf(result: JsonObject, rule: JsonObject): string | null {
  const message = objectOf(result['message'])
  const template = objectOf(objectOf(rule['messageStrings'])[textOf(message['id']) ?? 'default'])
  return textOf(message['text']) ?? textOf(message['markdown']) ?? textOf(template['text'])
}

function namesOf(rule: JsonObject): unknown[] {
  return [objectOf(rule['shortDescription'])['text'], rule['name']]
}

/** Scanners of packages make rule ids like `CVE-2024-1234-openssl`; the advisory's own id is what waivers and other tools name. */
function advisoryIn(ruleId: string): string | null {
  return /(?:^|[^0-9A-Za-z])(CVE-\d{4}-\d{4,19}|GHSA(?:-[0-9a-z]{4}){3})(?![0-9A-Za-z])/i.exec(ruleId)?.[1] ?? null
}

/** The rule's own id, and the advisories that it is tagged with, as govulncheck does. */
function otherNames(chosen: string, ruleId: string, rule: JsonObject): string[] {
  const tagged = tagsOf(rule).filter((tag) => advisoryIn(tag) === tag)
  return [...new Set([ruleId, ...tagged])].filter((name) => name !== chosen)
}

/** Trivy, Grype and others tell the package in lines of text, since SARIF has no field for it. */
function packageOf(message: string | null, rule: JsonObject): Partial<Finding> {
  const help = objectOf(rule['help'])
  const texts = [message, textOf(help['text'])].map((text) => (text ?? '').slice(0, 10_000))
  const line = (label: RegExp): string | null => texts.flatMap((text) => label.exec(text)?.[1]?.trim() || [])[0] ?? null
  const fixed = line(/^(?:Fixed Version|Fix Version|Fixed in):[ \t]*(\S.*)$/im)
  return {
    package: line(/^Package:[ \t]*(\S.*)$/im),
    version: line(/^(?:Installed Version|Version):[ \t]*(\S.*)$/im),
    fixedVersion: fixed !== null && /^(?:none|n\/a|not fixed|unknown)$/i.test(fixed) ? null : fixed,
    purl: stringsOf(objectOf(rule['properties'])['purls'])[0] ?? null,
  }
}

function locationOf(result: JsonObject, run: JsonObject): string | null {
  const first = objectOf(objectsOf(result['locations'])[0])
  const { artifactLocation, region } = objectOf(first['physicalLocation'])
  const artifact = objectOf(artifactLocation)
  const uri = textOf(artifact['uri']) ?? artifactAt(run, numberOf(artifact['index']))
  const line = numberOf(objectOf(region)['startLine'])
  if (uri !== null) return line === null ? uri : `${uri}:${line}`
  const logical = objectOf(objectsOf(first['logicalLocations'])[0])
  return textOf(logical['fullyQualifiedName']) ?? textOf(logical['name'])
}

function artifactAt(run: JsonObject, index: number | null): string | null {
  const artifact: unknown = index !== null && Array.isArray(run['artifacts']) ? run['artifacts'][index] : undefined
  return textOf(objectOf(objectOf(artifact)['location'])['uri'])
}
