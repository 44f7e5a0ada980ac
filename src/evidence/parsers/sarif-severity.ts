import type { EvidenceClass } from '../../core/evidence-class.ts'
import { compareSeverity, severityOfScore, type Severity } from '../../core/severity.ts'
import type { Finding } from '../model.ts'
import { numberOf, objectOf, textOf, type JsonObject } from './json-fields.ts'

const SEVERITY_OF_LEVEL: Readonly<Record<string, Severity>> = { error: 'high', warning: 'medium', note: 'low', none: 'negligible' }

/** SARIF 2.1.0, section 3.27.10. */
export function severityOfLevel(level: string): Severity {
  return (Object.hasOwn(SEVERITY_OF_LEVEL, level) ? SEVERITY_OF_LEVEL[level] : undefined) ?? 'unknown'
}

/** A rule that a result may mean, with the level that the run's configuration gives it. */
export interface RatedRule {
  rule: JsonObject
  configuredLevel: string | null
}

type Rating = Pick<Finding, 'severity' | 'toolSeverity' | 'score'>

/** The severity of a result; the worst one where several rules have its id. */
export function severityOf(result: JsonObject, rules: readonly RatedRule[], resultClass: EvidenceClass): Rating {
  const [first = { rule: {}, configuredLevel: null }, ...others] = rules
  return others
    .map((rule) => ratingOf(result, rule, resultClass))
    .reduce(
      (worst, rating) => (compareSeverity(rating.severity, worst.severity) < 0 ? rating : worst),
      ratingOf(result, first, resultClass),
    )
}

/** Order: the score of the rule (GitHub's `security-severity`), the result's level, the rule's configured level, `warning`. */
function ratingOf(result: JsonObject, { rule, configuredLevel }: RatedRule, resultClass: EvidenceClass): Rating {
  const stated = statedScore(rule) ?? statedScore(result)
  const score = scoreOf(stated)
  if (score !== null && score > 0) return { severity: severityOfScore(score), toolSeverity: String(stated), score }
  const level = levelOf(result) ?? configuredLevel ?? 'warning'
  const severity = severityOfLevel(level)
  // Scanners of packages write the score 0.0 for "not rated": that is unknown, never harmless.
  const unrated = score === 0 && resultClass === 'vulnerabilities' && (severity === 'low' || severity === 'negligible')
  return { severity: unrated ? 'unknown' : severity, toolSeverity: level, score: null }
}

/** A result that is not decided has the level `none` by definition, which says nothing about how bad it would be (section 3.27.10). */
function levelOf(result: JsonObject): string | null {
  const level = textOf(result['level'])
  return level === 'none' && isUndecided(result) ? null : level
}

/** True for kinds that leave to a person or another tool what the result is (section 3.27.9). */
function isUndecided({ kind }: JsonObject): boolean {
  return kind === 'open' || kind === 'review'
}

function statedScore({ properties }: JsonObject): unknown {
  return objectOf(properties)['security-severity']
}

/** A score from 0.0 to 10.0, as a text or a number; null for anything else. */
function scoreOf(value: unknown): number | null {
  const score = typeof value === 'string' && /^\d{1,2}(?:\.\d{1,10})?$/.test(value.trim()) ? Number(value) : numberOf(value)
  return score !== null && score >= 0 && score <= 10 ? score : null
}

/** What a rule says of severity, as one of a few words: rules of one id with the same word rate all results alike. */
export function severityWord(rule: JsonObject): string {
  const score = scoreOf(statedScore(rule))
  const level = textOf(objectOf(rule['defaultConfiguration'])['level'])
  return `${score === null ? 'unrated' : severityOfScore(score)} ${level === null ? 'unset' : severityOfLevel(level)}`
}
