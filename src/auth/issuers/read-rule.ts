import { AppError } from '../../core/app-error.ts'
import { isExactGlob } from '../../core/glob.ts'
import type { Confinement, Role, Scope } from '../../core/principal.ts'
import { scopesOf } from '../authorize.ts'
import { confinementFault } from '../confinement.ts'
import { claimType } from '../workload/claim-reader.ts'
import type { Demands, KindProfile } from '../workload/kinds/kind.ts'
import { isAscii, type ClaimValue, type Rule } from '../workload/rule.ts'
import type { IssuerErrorCode } from './errors.ts'

/** A rule as an administrator writes it. */
export interface RuleDraft {
  name: string
  claims?: Readonly<Record<string, ClaimValue>> | undefined
  patterns?: Readonly<Record<string, string>> | undefined
  /** Name or id of a workload. */
  principal: string
  roles?: readonly Role[] | undefined
  scopes?: readonly Scope[] | undefined
  /** What is left out does not limit; but the kinds that prove a repository always confine to it. */
  confinement?: { [List in keyof Confinement]?: Confinement[List] | undefined } | undefined
  speaksFor?: readonly string[] | undefined
}

/** A rule that was checked by itself: whether its principal may be used is left to be seen. */
export type ReadRule = Omit<Rule, 'principalId'>

/** Tells what is wrong with a rule, and where. */
type Refuse = (field: string, message: string, remedy: string) => AppError<IssuerErrorCode>

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/
const CLAIM_NAME = /^[!-~]{1,200}$/
const MAX_DEMANDS = 20
const MAX_VALUE = 1024
const MAX_PATTERN = 256
const MAX_WILDCARDS = 16

/**
 * Reads one rule. What could never match, or leaves open whom it is for, is refused: its author would believe in something else.
 * @param at its place in the list, for the field that is told
 * @throws {AppError} `rule_invalid` or `rule_too_wide`
 */
export function readRule(profile: KindProfile, draft: RuleDraft, at: number): ReadRule {
  const refuse: Refuse = (field, message, remedy) =>
    new AppError('rule_invalid', message, { field: `body.rules.${at}.${field}`.slice(0, 300), remedy })
  const { name, claims = {}, patterns = {}, principal, roles = [], scopes = [] } = draft
  if (!NAME.test(name))
    throw refuse('name', 'The name of a rule is malformed.', 'Use lower-case letters, digits, dots, dashes and underscores.')
  checkDemands(profile, { claims, patterns }, refuse)
  if (scopesOf({ roles, scopes }).size === 0) throw refuse('roles', 'The rule gives nothing.', 'Name at least one role or scope.')
  const confinement = readConfinement(profile, draft, refuse)
  const speaksFor = readSpeaksFor(profile, draft, refuse)
  requireWho(profile, { claims, patterns }, at)
  const fault = profile.ruleFault?.({ claims, patterns, confinement, speaksFor })
  if (fault) throw refuse('claims', `The rule can't be taken in: ${fault.message}.`, fault.remedy)
  return { name, claims, patterns, principal, roles: [...new Set(roles)], scopes: [...new Set(scopes)], confinement, speaksFor }
}

function checkDemands(profile: KindProfile, { claims, patterns }: Demands, refuse: Refuse): void {
  for (const [field, demands] of [['claims', claims] as const, ['patterns', patterns] as const]) {
    if (Object.keys(demands).length > MAX_DEMANDS) throw refuse(field, `More than ${MAX_DEMANDS} are named.`, 'Name the few that count.')
    const wrong = Object.keys(demands).find((name) => !CLAIM_NAME.test(name))
    if (wrong !== undefined) throw refuse(field, 'This is no name of a claim.', 'Use 1 to 200 printable characters without spaces.')
  }
  for (const [name, value] of Object.entries(claims)) checkValue(profile, name, value, refuse)
  for (const [name, pattern] of Object.entries(patterns)) checkPattern(profile, name, pattern, refuse)
  const both = Object.keys(patterns).find((name) => Object.hasOwn(claims, name))
  if (both !== undefined) throw refuse(`patterns.${both}`, 'The claim is named twice.', 'Keep the exact value or the pattern.')
}

/** A value of another type than the claim's, or outside of its alphabet, would never match. */
function checkValue(profile: KindProfile, name: string, value: ClaimValue, refuse: Refuse): void {
  const field = `claims.${name}`
  const type = claimType(profile, name)
  if (typeof value === 'string') {
    if (value.length > MAX_VALUE || !value.isWellFormed()) {
      throw refuse(field, `The value is longer than ${MAX_VALUE} characters, or no Unicode.`, 'Write it as the token has it.')
    }
    if (type === 'number' || type === 'boolean') {
      throw refuse(field, `${profile.title} writes this claim as a ${type}, not as a text.`, 'Write it without quotes.')
    }
    if (type !== undefined && value.includes('*')) {
      throw refuse(field, 'An exact value has no wildcards.', 'Move it to patterns, or write the value as it is.')
    }
    if (type === 'ascii' && !isAscii(value))
      throw refuse(field, NOT_ASCII, 'Type the value anew; a character may only look like another one.')
    return
  }
  if (type === 'ascii' || type === 'text') {
    throw refuse(field, `${profile.title} writes this claim as a text.`, `Write it in quotes: "${String(value)}".`)
  }
  if ((type === 'number' || type === 'boolean') && typeof value !== type) {
    throw refuse(field, `${profile.title} writes this claim as a ${type}.`, 'Write it as the token has it.')
  }
}

const NOT_ASCII = 'The value has characters that no such claim can have.'

function checkPattern(profile: KindProfile, name: string, pattern: string, refuse: Refuse): void {
  const field = `patterns.${name}`
  const type = claimType(profile, name)
  if (type === 'number' || type === 'boolean')
    throw refuse(field, 'The claim is no text, so no pattern can match it.', 'Move it to claims.')
  if (pattern === '' || pattern.length > MAX_PATTERN || !pattern.isWellFormed()) {
    throw refuse(field, `The pattern is empty, longer than ${MAX_PATTERN} characters, or no Unicode.`, 'Write a shorter one.')
  }
  if (type === 'ascii' && !isAscii(pattern)) throw refuse(field, NOT_ASCII, 'Type it anew; a character may only look like another one.')
  if ((pattern.match(/\*+/g) ?? []).length > MAX_WILDCARDS) {
    throw refuse(field, `The pattern has more than ${MAX_WILDCARDS} wildcards.`, 'Write several rules.')
  }
  if (isExactGlob(pattern)) throw refuse(field, 'The pattern has no wildcard.', 'Move it to claims.')
}

function readConfinement(profile: KindProfile, { confinement: given }: RuleDraft, refuse: Refuse): Confinement {
  if (!given && !profile.provesRepository) {
    throw refuse(
      'confinement',
      `Tokens of ${profile.title} prove no repository that the rule could confine to.`,
      'State the confinement, such as {"repositories": ["github.com/acme/app"]}; {} does not limit.',
    )
  }
  const confinement: Confinement = Object.fromEntries(Object.entries(given ?? {}).filter(([, items]) => items !== undefined))
  const fault = confinementFault(confinement)
  if (fault) throw refuse(`confinement.${fault.list}`, fault.message, fault.remedy)
  return confinement
}

function readSpeaksFor({ title, provesRepository }: KindProfile, { speaksFor = [] }: RuleDraft, refuse: Refuse): readonly string[] {
  if (speaksFor.length === 0) return []
  if (!provesRepository) {
    const remedy = 'Name the repositories in confinement.repositories.'
    throw refuse('speaksFor', `Tokens of ${title} prove no repository, so there are none besides it.`, remedy)
  }
  const fault = confinementFault({ repositories: speaksFor })
  if (fault) throw refuse('speaksFor', fault.message, fault.remedy)
  return [...new Set(speaksFor)]
}

function requireWho(profile: KindProfile, demands: Demands, at: number): void {
  if (profile.saysWho(demands)) return
  throw new AppError<IssuerErrorCode>('rule_too_wide', `The rule leaves open whom it is for: ${whatItNames(profile, demands)}.`, {
    field: `body.rules.${at}.claims`,
    remedy: `Name ${profile.who}.`,
  })
}

function whatItNames({ title }: KindProfile, { claims, patterns }: Demands): string {
  if (Object.hasOwn(claims, 'sub') || Object.hasOwn(patterns, 'sub')) return `sub alone is not what tells ${title}'s workloads apart`
  if (Object.keys(patterns).length > 0) return 'a wildcard stands where the owner should, or only for where the job runs'
  return Object.keys(claims).length === 0 ? 'it names no claim' : 'strangers can have the claims that it names as well'
}
