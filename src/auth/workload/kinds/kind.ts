import type { WorkloadFacts } from '../../../core/workload-identity.ts'
import type { KeySource } from '../../jwt/model.ts'
import type { ClaimReader } from '../claim-reader.ts'
import type { Rule } from '../rule.ts'

/** The kinds of issuer: whose claims they are, and what they prove. */
export const ISSUER_KINDS = [
  'github',
  'gitlab',
  'kubernetes',
  'azure',
  'circleci',
  'buildkite',
  'jenkins',
  'google',
  'aws',
  'openid',
  'certificate',
] as const

export type IssuerKind = (typeof ISSUER_KINDS)[number]

/**
 * A claim's JSON type by the issuer's documentation; `ascii` is a text of printable ASCII, of which nothing else can be a value. Of a `list`
 * one item that fits is enough.
 */
export type ClaimType = 'ascii' | 'text' | 'number' | 'boolean' | 'list'

/** Where a token comes from, besides its claims. */
export interface IssuedAt {
  /** The `iss` claim. */
  issuer: string
  /** Host of the repositories; undefined if the kind has none. */
  host: string | undefined
}

/** The part of a rule that says whom it is for. */
export type Demands = Pick<Rule, 'claims' | 'patterns'>

/** What is known of the tokens of one kind of issuer. */
export interface KindProfile {
  /** How the vendor is called in sentences. */
  title: string
  /** Where keys come from if the issuer's configuration doesn't say; null if it has none. */
  keys: KeySource | null
  /** Documented claims with their types, under the names that rules have for them. */
  claims: Readonly<Record<string, ClaimType>>
  /** Where the nested ones of them are. A name that ends with a dot stands for every member of the object there. */
  nested: Readonly<Record<string, readonly string[]>>
  /**
   * True if what a rule demands says who the workload is: an organisation, a project, a repository, an account. A branch or an environment
   * is found at strangers too, and a wildcard may leave open what counts.
   */
  saysWho: (demands: Demands) => boolean
  /** The claims that do say it, as the end of "Name …". */
  who: string
  /** True if tokens prove the repository that the job runs for. */
  provesRepository: boolean
  /** Host of the repositories, by the issuer's address; undefined if that doesn't tell, and for kinds without repositories. */
  hostOf?: (issuer: URL) => string | undefined
  /** The facts that a token's claims prove. A claim that can't be what it is said to be proves nothing. */
  facts: (token: ClaimReader, at: IssuedAt) => WorkloadFacts
  /** What is wrong with a rule beyond what holds for all kinds. */
  ruleFault?: (rule: Pick<Rule, 'claims' | 'patterns' | 'confinement' | 'speaksFor'>) => Refusal | undefined
  /** Why a token is refused although a rule matches. */
  tokenFault?: (token: ClaimReader, rule: Demands) => Refusal | undefined
}

/** A sentence, and what to do about it. */
export interface Refusal {
  message: string
  remedy: string
}

/** Keys where OpenID Connect Discovery says. */
export const DISCOVERY: KeySource = { discovery: {} }
