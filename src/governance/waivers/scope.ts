import { AppError } from '../../core/app-error.ts'
import { repositoryGlobWithin } from '../../core/glob-within.ts'
import { isPlaceName, PLACE_NAME_REMEDY } from '../../core/place-name.ts'
import type { Confinement } from '../../core/principal.ts'
import { repositoryGlobFault, REPOSITORY_GLOB_REMEDY } from '../../core/repository.ts'
import { parseSubject } from '../../core/subject.ts'
import { outsideConfinement, scopeInvalid, type WaiverErrorCode } from './errors.ts'
import { packageFault } from './package-scope.ts'
import type { WaiverScope } from './waiver.ts'

/** A scope as it is requested. */
export type ScopeDraft = { readonly [Key in keyof WaiverScope]?: string } & { readonly rule: string }

/** ASCII only, so that no rule or id looks like another one. */
const RULE = /^[a-z0-9][a-z0-9._-]{0,62}\.[a-z][a-z0-9_]{0,63}$/
const FINDING_ID = /^[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?$/

/**
 * Reads the scope of a waiver and cuts it to what the requester may speak about.
 * @throws {AppError} `waiver_scope_invalid`, `rule_not_waivable`, `waiver_version_range`, `subject_malformed`, `subject_is_tag`,
 *   `outside_confinement`, or `waiver_scope_missing` where the requester is confined to several places and names none
 */
export function readScope(draft: ScopeDraft, confinement: Confinement): WaiverScope {
  const { rule, vulnerability = null, purl = null, subject } = draft
  refuseRule(rule)
  if (vulnerability !== null && !FINDING_ID.test(vulnerability)) {
    throw scopeInvalid('vulnerability', 'is no id of a finding', 'Write it as the report does, such as CVE-2026-12345.')
  }
  if (purl !== null) refusePackage(purl)
  const stage = cutPlace('stage', draft.stage, confinement.stages)
  // As in decisions: else a waiver for a harmless stage would open any environment that somebody names beside it.
  const environment = draft.environment ?? draft.stage ?? (confinement.environments ? undefined : (stage ?? undefined))
  return {
    rule,
    vulnerability,
    purl,
    subject: subject === undefined ? null : parseSubject(subject, 'body.scope.subject').id,
    repository: cutRepository(draft.repository, confinement.repositories),
    environment: cutPlace('environment', environment, confinement.environments),
    stage,
  }
}

/** True only if whatever the waiver could let pass lies within the confinement. */
export function isWithin({ repository, environment, stage }: WaiverScope, confinement: Confinement): boolean {
  const { repositories, environments, stages } = confinement
  if (repositories && (repository === null || !repositories.some((glob) => repositoryGlobWithin(repository, glob)))) return false
  return isAmong(environment, environments) && isAmong(stage, stages)
}

function isAmong(name: string | null, allowed: readonly string[] | undefined): boolean {
  return !allowed || (name !== null && allowed.includes(name))
}

function refuseRule(rule: string): void {
  if (!RULE.test(rule)) throw scopeInvalid('rule', 'is none', 'Write it as `violations[].rule` of a decision has it: PACK.RULE.')
  if (!rule.startsWith('gate.')) return
  throw new AppError<WaiverErrorCode>('rule_not_waivable', `Nothing can waive ${rule}: it says that nothing could be judged.`, {
    field: 'body.scope.rule',
    remedy: 'Mend what keeps the gate from judging: see the fix of the violation.',
  })
}

function refusePackage(purl: string): void {
  const fault = packageFault(purl)
  if (!fault) return
  throw fault.range
    ? new AppError<WaiverErrorCode>('waiver_version_range', `The range of versions ${fault.what}.`, {
        field: 'body.scope.purl',
        remedy: fault.remedy,
      })
    : scopeInvalid('purl', fault.what, fault.remedy)
}

/** A requester who speaks for one glob of repositories gets that one. */
function cutRepository(repository: string | undefined, allowed: readonly string[] | undefined): string | null {
  if (repository === undefined) return onlyOne('repository', allowed)
  const fault = repositoryGlobFault(repository)
  if (fault) throw scopeInvalid('repository', fault, REPOSITORY_GLOB_REMEDY)
  if (!allowed || allowed.some((glob) => repositoryGlobWithin(repository, glob))) return repository
  throw outsideConfinement('body.scope.repository', `repository "${repository}"`, allowed)
}

function cutPlace(field: 'stage' | 'environment', name: string | undefined, allowed: readonly string[] | undefined): string | null {
  if (name === undefined) return onlyOne(field, allowed)
  if (!isPlaceName(name)) throw scopeInvalid(field, 'is no name', PLACE_NAME_REMEDY)
  if (!allowed || allowed.includes(name)) return name
  throw outsideConfinement(`body.scope.${field}`, `${field} "${name}"`, allowed)
}

function onlyOne(field: 'repository' | 'stage' | 'environment', allowed: readonly string[] | undefined): string | null {
  const [only, ...others] = allowed ?? []
  if (only === undefined || others.length === 0) return only ?? null
  throw new AppError<WaiverErrorCode>('waiver_scope_missing', `This token is confined to several, and the scope names no ${field}.`, {
    field: `body.scope.${field}`,
    remedy: `Name one of: ${[only, ...others].slice(0, 10).join(', ')}.`,
  })
}
