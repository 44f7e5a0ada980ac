import { durationMs } from '../../core/duration.ts'
import { MAX_CLOCK_SKEW_MS } from '../../core/clock.ts'
import type { Access } from '../../core/principal.ts'
import type { JwtAlgorithm, JwtIssuer } from '../jwt/model.ts'
import { readLogin, type LoginConfig, type LoginDraft } from '../login/login-config.ts'
import type { IssuerKind, KindProfile } from '../workload/kinds/kind.ts'
import { KINDS } from '../workload/kinds.ts'
import { requireAdmissionOnly } from './admission-only.ts'
import { issuerInvalid } from './errors.ts'
import type { IssuerSettings } from './model.ts'
import { readKeys, type KeysDraft } from './read-keys.ts'
import { readRule, type ReadRule, type RuleDraft } from './read-rule.ts'

/** An issuer as an administrator writes it: what is left out gets its default. */
export interface IssuerDraft {
  kind: IssuerKind
  issuer: string
  host?: string | undefined
  audiences?: readonly string[] | undefined
  algorithms?: readonly JwtAlgorithm[] | undefined
  keys?: KeysDraft | undefined
  clockSkew?: string | undefined
  maxLifetime?: string | undefined
  replay?: JwtIssuer['replay'] | undefined
  rules?: readonly RuleDraft[] | undefined
  login?: LoginDraft | undefined
}

/** An issuer that was checked by itself: whether its rules' principals may be used is left to be seen. */
export type ReadIssuer = Omit<IssuerSettings, 'rules'> & { rules: readonly ReadRule[] }

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/
const MAX_RULES = 100
const MAX_AUDIENCES = 20
const MINUTE_MS = 60_000
const MAX_LIFETIME_MS = 24 * 60 * MINUTE_MS

/**
 * Reads an issuer. Nothing is fetched: one that can't be reached now may be taken in.
 * @throws {AppError} `issuer_invalid`, `rule_invalid`, `rule_too_wide` or `login_invalid`, naming the field
 */
export async function readIssuer(access: Access, name: string, draft: IssuerDraft): Promise<ReadIssuer> {
  if (!NAME.test(name)) {
    throw issuerInvalid(
      'name',
      'The name of an issuer is malformed.',
      'Use lower-case letters, digits, dots, dashes and underscores, 63 at most.',
    )
  }
  const { kind } = draft
  const rules = readRules(KINDS[kind], draft.rules ?? [])
  if (kind === 'certificate') return { name, kind, ...readAuthorities(draft, rules), rules }
  return { name, kind, ...(await readTokenIssuer(access, name, KINDS[kind], draft)), rules }
}

type Rest = Omit<ReadIssuer, 'name' | 'kind' | 'rules'>

async function readTokenIssuer(access: Access, name: string, profile: KindProfile, draft: IssuerDraft): Promise<Rest> {
  const { algorithms = ['RS256'], keys = profile.keys ?? {}, replay = 'allowed' } = draft
  const issuer = readIss(draft.issuer)
  if (algorithms.length === 0) throw issuerInvalid('algorithms', 'No algorithm is named.', 'Leave the list out for RS256.')
  const login = readLoginPart(access, name, draft)
  return {
    issuer,
    host: readHost(profile, draft.host, new URL(issuer)),
    audiences: readAudiences(draft, login),
    algorithms: [...new Set(algorithms)],
    keys: await readKeys(keys, issuer, algorithms),
    clockSkew: readClockSkew(draft.clockSkew ?? 'PT1M'),
    maxLifetime: readMaxLifetime(draft.maxLifetime ?? 'PT1H'),
    replay,
    login,
  }
}

/** Whose certificates they are is said by what they are for: the operator's files name the authorities of each purpose. */
const AUTHORITIES: ReadonlySet<string> = new Set(['certificate:api', 'certificate:admission'])
const OF_TOKENS = ['host', 'audiences', 'algorithms', 'keys', 'clockSkew', 'maxLifetime', 'replay', 'login'] as const

function readAuthorities(draft: IssuerDraft, rules: readonly ReadRule[]): Rest {
  if (!AUTHORITIES.has(draft.issuer)) {
    throw issuerInvalid('issuer', 'This stands for no authorities of certificates.', `Name one of: ${[...AUTHORITIES].join(', ')}.`)
  }
  const wrong = OF_TOKENS.find((field) => draft[field] !== undefined)
  if (wrong !== undefined) throw issuerInvalid(wrong, 'This is about tokens, and certificates are none.', 'Leave it out.')
  const { issuer } = draft
  if (issuer === 'certificate:admission') requireAdmissionOnly(rules)
  const aboutTokens = { audiences: [], algorithms: [], keys: null, clockSkew: 'PT0S', maxLifetime: 'PT0S', replay: 'allowed' } as const
  return { issuer, host: null, ...aboutTokens, login: null }
}

/** What is compared exactly with `iss`; it is fetched from only if keys are to be discovered. */
function readIss(text: string): string {
  const url = URL.parse(text)
  const plain = /^https?:\/\/[!-~]+$/.test(text) && !/[?#\\]/.test(text)
  if (url && plain && url.username === '' && url.password === '' && text.length <= 500) return text
  throw issuerInvalid(
    'issuer',
    'The issuer is no address, or has a user, a query or a fragment.',
    'Write the iss claim of its tokens exactly, such as https://token.actions.githubusercontent.com.',
  )
}

/** A host without a dot would be taken for an owner, whose repositories on any host are meant. */
function readHost({ title, hostOf }: KindProfile, given: string | undefined, issuer: URL): string | null {
  if (!hostOf) {
    if (given === undefined) return null
    throw issuerInvalid('host', `Issuers of ${title} have no host of repositories.`, 'Leave it out.')
  }
  const host = given ?? hostOf(issuer)
  if (host !== undefined && /^(?=[^/]*[.:])[a-z0-9.-]+(?::\d{1,5})?(?:\/[A-Za-z0-9._-]+)*$/.test(host)) return host
  throw issuerInvalid(
    'host',
    host === undefined ? 'The issuer does not tell the host of the repositories.' : 'This is no host with a dot or a port.',
    'Write the host as in the address of a repository, such as git.example.com.',
  )
}

/** ID tokens of people are made for the client: accepted as tokens of workloads, anybody's login would do. */
function readAudiences({ audiences = [], rules = [] }: IssuerDraft, login: LoginConfig | null): readonly string[] {
  if (audiences.length > MAX_AUDIENCES || (audiences.length === 0 && (rules.length > 0 || !login))) {
    throw issuerInvalid(
      'audiences',
      `There are no audiences, or more than ${MAX_AUDIENCES}.`,
      'Name what the tokens are made for, best the address of this service.',
    )
  }
  const wrong = audiences.find((audience) => !/^[ -~]{1,500}$/.test(audience))
  if (wrong !== undefined)
    throw issuerInvalid('audiences', 'An audience is not 1 to 500 printable characters.', 'Write it as the aud claim has it.')
  if (login && audiences.includes(login.clientId)) {
    throw issuerInvalid(
      'audiences',
      'The client of the login is no audience: its tokens are about people.',
      'Take another audience for workloads.',
    )
  }
  return [...new Set(audiences)]
}

function readClockSkew(text: string): string {
  if (text === 'PT0S' || (durationMs(text) ?? Number.POSITIVE_INFINITY) <= MAX_CLOCK_SKEW_MS) return text
  throw issuerInvalid('clockSkew', 'Not a duration of at most 5 minutes.', 'Write it like PT1M; PT0S allows none.')
}

function readMaxLifetime(text: string): string {
  const ms = durationMs(text)
  if (ms !== undefined && ms >= MINUTE_MS && ms <= MAX_LIFETIME_MS) return text
  throw issuerInvalid('maxLifetime', 'Not a duration from a minute to a day.', 'Write it like PT1H.')
}

function readRules(profile: KindProfile, drafts: readonly RuleDraft[]): readonly ReadRule[] {
  if (drafts.length > MAX_RULES) {
    throw issuerInvalid('rules', `There are more than ${MAX_RULES} rules.`, 'Let one rule confine each repository to itself.')
  }
  const rules = drafts.map((draft, at) => readRule(profile, draft, at))
  const names = rules.map(({ name }) => name)
  const twice = names.findIndex((name, at) => names.indexOf(name) !== at)
  if (twice === -1) return rules
  throw issuerInvalid(`rules.${twice}.name`, 'Two rules have the same name.', 'Logs and decisions name rules: give each its own.')
}

function readLoginPart(access: Access, name: string, { kind, login }: IssuerDraft): LoginConfig | null {
  if (!login) return null
  if (kind === 'openid') return readLogin(access, name, login)
  throw issuerInvalid('login', 'People log in at issuers of kind openid only.', 'Make an issuer of that kind for them.')
}
