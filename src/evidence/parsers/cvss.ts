const IMPACT = { H: 0.56, L: 0.22, N: 0 } as const

const WEIGHTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  UI: { N: 0.85, R: 0.62 },
  C: IMPACT,
  I: IMPACT,
  A: IMPACT,
}
const PRIVILEGES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  U: { N: 0.85, L: 0.62, H: 0.27 },
  C: { N: 0.85, L: 0.68, H: 0.5 },
}

/**
 * The base score of a CVSS v3.0 or v3.1 vector (specification v3.1, section 7.1).
 * @returns 0.0 to 10.0, or null for anything else: vectors of version 2 and 4 are not scored here
 */
export function cvssBaseScore(vector: unknown): number | null {
  if (typeof vector !== 'string' || vector.length > 300 || !/^CVSS:3\.[01]\//.test(vector)) return null
  const metrics = new Map(
    vector.split('/').map((part): [string, string] => [part.slice(0, part.indexOf(':')), part.slice(part.indexOf(':') + 1)]),
  )
  const scope = metrics.get('S') ?? ''
  const weightOf = (metric: string): number => weight(WEIGHTS[metric], metrics.get(metric))
  const [confidentiality, integrity, availability] = [weightOf('C'), weightOf('I'), weightOf('A')]
  const exploitability = 8.22 * weightOf('AV') * weightOf('AC') * weight(PRIVILEGES[scope], metrics.get('PR')) * weightOf('UI')
  const base = 1 - (1 - confidentiality) * (1 - integrity) * (1 - availability)
  const score = total(scope === 'C', base, exploitability)
  return Number.isNaN(score) ? null : score
}

/** NaN for a metric that is missing or has no such value; it spreads to the score. */
function weight(weights: Readonly<Record<string, number>> | undefined, value: string | undefined): number {
  return weights && value !== undefined && Object.hasOwn(weights, value) ? (weights[value] ?? Number.NaN) : Number.NaN
}

function total(scopeChanged: boolean, base: number, exploitability: number): number {
  const impact = scopeChanged ? 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15 : 6.42 * base
  if (Number.isNaN(base + exploitability)) return Number.NaN
  return impact <= 0 ? 0 : roundUp(Math.min((scopeChanged ? 1.08 : 1) * (impact + exploitability), 10))
}

/** Up to the next tenth, in whole numbers so that no binary fraction adds one (section 8, appendix A). */
function roundUp(score: number): number {
  const hundredThousandths = Math.round(score * 100_000)
  return hundredThousandths % 10_000 === 0 ? hundredThousandths / 100_000 : (Math.floor(hundredThousandths / 10_000) + 1) / 10
}
