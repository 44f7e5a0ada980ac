import type { Confinement } from '../../core/principal.ts'
import { matchesAnyRepository } from '../../core/repository.ts'
import type { WorkloadFacts } from '../../core/workload-identity.ts'
import type { Issuer } from '../issuers/model.ts'
import type { VerifiedJwt } from '../jwt/model.ts'
import { ClaimReader } from './claim-reader.ts'
import { WorkloadError } from './errors.ts'
import { KINDS } from './kinds.ts'
import { ruleMatches, type Rule } from './rule.ts'

/** What a verified token comes to by the rules of its issuer. */
export interface Identified {
  rule: Rule
  facts: WorkloadFacts
  confinement: Confinement
}

/**
 * Finds the rule for a verified token: the first that matches counts, even if it then lets nobody in.
 * @throws {WorkloadError} `identity_unknown` if none matches, `identity_refused` if one does but something else speaks against the token
 */
export function identify(issuer: Issuer, { claims, subject }: Pick<VerifiedJwt, 'claims' | 'subject'>): Identified {
  const profile = KINDS[issuer.kind]
  const token = new ClaimReader(profile, claims)
  const rule = issuer.rules.find((candidate) => ruleMatches(candidate, token))
  if (!rule) throw unknown(issuer, token, subject)
  const refuse: Refuse = (message, remedy) => refused(issuer, rule, subject, message, remedy)
  const fault = profile.tokenFault?.(token, rule)
  if (fault) throw refuse(fault.message, fault.remedy)
  const facts = profile.facts(token, { issuer: issuer.issuer, host: issuer.host ?? undefined })
  if (!profile.provesRepository) return { rule, facts, confinement: rule.confinement }
  return { rule, facts, confinement: { ...rule.confinement, repositories: repositoriesOf(rule, facts.repository, refuse) } }
}

type Refuse = (message: string, remedy: string) => WorkloadError

/** A job speaks for its own repository, which the rule can only narrow, and for those that the rule names besides. */
function repositoriesOf({ confinement: { repositories: stated }, speaksFor }: Rule, own: string | undefined, refuse: Refuse): string[] {
  if (own === undefined && stated) return [...stated, ...speaksFor]
  if (own === undefined) {
    throw refuse(
      'The rule confines to the repository that the token proves, and this token proves none.',
      'Take a token that names its repository, or let the rule state confinement.repositories.',
    )
  }
  if (!stated || matchesAnyRepository(stated, own)) return [own, ...speaksFor]
  throw refuse(
    "The token's repository is none of those that the rule is confined to.",
    'Let the rule confine to it as well; a job that speaks for other repositories needs them in speaksFor.',
  )
}

/** A token that is refused although a rule matches it. */
export function refused({ name: issuer }: Issuer, { name: rule }: Rule, subject: string, message: string, remedy: string): WorkloadError {
  const sentence = `Rule "${rule}" of issuer "${issuer}" matches the token, but it is refused. ${message}`
  return new WorkloadError('identity_refused', sentence, remedy, { issuer, subject })
}

const MOST_NAMES = 30

/** Says which claims rules look at, so that a pipeline can be put right; the values, of rules and token, are nobody's business. */
function unknown({ name, kind, rules }: Issuer, token: ClaimReader, subject: string): WorkloadError {
  const names = [...new Set(rules.flatMap(({ claims, patterns }) => [...Object.keys(claims), ...Object.keys(patterns)]))].sort()
  const missing = names.filter((claim) => token.value(claim) === undefined)
  const what = kind === 'certificate' ? 'certificate' : 'token'
  const looked = names.length === 0 ? 'It has no rules.' : `Its rules look at: ${listed(names)}.`
  const lacking = missing.length === 0 ? '' : ` The ${what} does not have: ${listed(missing)}.`
  return new WorkloadError(
    'identity_unknown',
    `The ${what} is genuine, but no rule of issuer "${name}" matches it. ${looked}${lacking}`,
    'Compare these claims with the rules: type, letter case and every character count. Whoever has issuers:manage can add a rule.',
    { issuer: name, subject },
  )
}

function listed(names: readonly string[]): string {
  return names.slice(0, MOST_NAMES).join(', ') + (names.length > MOST_NAMES ? ' and others' : '')
}
