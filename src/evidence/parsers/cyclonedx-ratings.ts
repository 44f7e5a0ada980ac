import { compareSeverity, parseSeverity, severityOfScore, type Severity } from '../../core/severity.ts'
import type { Finding } from '../model.ts'
import { numberOf, textOf, type JsonObject } from './json-fields.ts'

interface Rating {
  /** Version of CVSS; 0 if no method is named, undefined for any other method. */
  cvss: number | undefined
  severity: Severity
  word: string | null
  score: number | null
}

/**
 * The severity among a vulnerability's ratings. Of several versions of CVSS only the newest counts, beside ratings that name no method;
 * other methods (OWASP, SSVC) count where there is nothing else. Of what is left the worst counts, `unknown` only if nothing better is known.
 */
export function decidingRating(ratings: readonly JsonObject[]): Pick<Finding, 'severity' | 'toolSeverity' | 'score'> {
  const all = ratings.map(ratingOf)
  const newest = highest(all.map(({ cvss }) => cvss ?? 0))
  const preferred = all.filter(({ cvss }) => cvss === newest || cvss === 0)
  const counted = withSeverity(preferred) ?? withSeverity(all) ?? preferred
  const [worst] = counted.toSorted((a, b) => compareSeverity(a.severity, b.severity))
  const score = highest(preferred.map((rating) => rating.score ?? 0))
  return { severity: worst?.severity ?? 'unknown', toolSeverity: worst?.word ?? null, score: score > 0 ? score : null }
}

/** Of as many numbers as an attacker likes, which would not fit into the arguments of one call. */
function highest(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.max(a, b), 0)
}

function withSeverity(ratings: readonly Rating[]): Rating[] | undefined {
  const known = ratings.filter(({ severity }) => severity !== 'unknown')
  return known.length > 0 ? known : undefined
}

function ratingOf(item: JsonObject): Rating {
  const cvss = versionOfCvss(textOf(item['method']))
  const word = textOf(item['severity'])
  const score = cvss === undefined ? null : numberOf(item['score'])
  return { cvss, severity: severityOf(word, score), word, score }
}

const CVSS: Readonly<Record<string, number>> = { CVSSv2: 2, CVSSv3: 3, CVSSv31: 3, CVSSv4: 4 }

function versionOfCvss(method: string | null): number | undefined {
  if (method === null) return 0
  return Object.hasOwn(CVSS, method) ? CVSS[method] : undefined
}

/** A score of zero beside no word is how some tools write that they have none. */
function severityOf(word: string | null, score: number | null): Severity {
  const stated = parseSeverity(word)
  if (stated !== 'unknown' || score === null || score === 0) return stated
  return severityOfScore(score)
}
