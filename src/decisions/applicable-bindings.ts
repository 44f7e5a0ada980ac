import { isSamePlace } from '../core/place-name.ts'
import { repositoriesMayMeet } from '../core/repository.ts'
import type { Confinement } from '../core/principal.ts'
import type { Binding, BindingSelector } from '../policy/model.ts'
import { ROLLBACK_STAGE } from './rollback/stage.ts'

/** The coordinates of a question, and what is proven about its repository. */
export interface BindingContext {
  stage: string
  environment: string
  /** The asker's confinement: the only proof of a repository; what a body declares proves none. */
  confinement: Confinement
  /** Repositories that the subject's sources are proven to lie in; none where nothing is. */
  sources: readonly string[]
  /** Globs of the repositories that a team owns; undefined if there is no such team. */
  repositoriesOf: (team: string) => readonly string[] | undefined
}

/** Stages that only the bindings are about which name them: what must hold elsewhere would close the way back when it is needed most. */
const NAMED_ONLY = [ROLLBACK_STAGE]

/**
 * The bindings that apply. At stage `rollback` these are only the ones that name it. A selector that needs a fact which the request lacks applies: a declared repository, source or label can
 * make a binding match but never make it miss; only the asker's confinement, or a proven source, excludes one.
 */
export function applicableBindings(bindings: readonly Binding[], context: BindingContext): Binding[] {
  return bindings.filter((binding) => excludingSelector(binding, context) === undefined)
}

/** The first selector by which a binding doesn't apply; undefined if it applies. */
export function excludingSelector(binding: Binding, context: BindingContext): keyof BindingSelector | undefined {
  if (!selectsStage(binding.stage, context.stage)) return 'stage'
  if (!selectsName(binding.environment, context.environment)) return 'environment'
  if (!maySelectRepository(binding.repository, context.confinement)) return 'repository'
  if (!maySelectTeam(binding.team, context)) return 'team'
  return maySelectSource(binding.source, context.sources) ? undefined : 'source'
}

/** A team that is gone can't be told from one that owns everything. */
function maySelectTeam(teams: readonly string[] | undefined, { confinement, repositoriesOf }: BindingContext): boolean {
  if (!teams || !confinement.repositories) return true
  const owned = teams.map((team) => repositoriesOf(team))
  const globs = owned.flatMap((repositories) => repositories ?? [])
  return owned.includes(undefined) || (globs.length > 0 && maySelectOneOf(globs, confinement.repositories))
}

function maySelectSource(selector: readonly string[] | undefined, sources: readonly string[]): boolean {
  return sources.length === 0 || maySelectOneOf(selector, sources)
}

function selectsStage(selector: readonly string[] | undefined, stage: string): boolean {
  if (!NAMED_ONLY.some((name) => isSamePlace(name, stage))) return selectsName(selector, stage)
  return selector?.some((item) => isSamePlace(item, stage)) ?? false
}

/**
 * Names listed plainly are the only ones selected; names with a leading `!` are excluded; no list selects all.
 * The asker chooses the spelling: another letter case is selected too, but only the exact name is excluded.
 */
export function selectsName(selector: readonly string[] | undefined, name: string): boolean {
  if (!selector || selector.length === 0) return true
  if (selector.includes(`!${name}`)) return false
  const plain = selector.filter((item) => !item.startsWith('!'))
  return plain.length === 0 || plain.some((item) => isSamePlace(item, name))
}

function maySelectRepository(selector: readonly string[] | undefined, confinement: Confinement): boolean {
  return !confinement.repositories || maySelectOneOf(selector, confinement.repositories)
}

/** True if the binding could apply to a repository of these globs, at some stage and environment. Where there are none, nothing applies. */
export function couldApplyTo({ repository }: Binding, repositories: readonly string[]): boolean {
  return repositories.length > 0 && maySelectOneOf(repository, repositories)
}

/** A confined asker knows of the bindings that could apply to its repositories. */
export function maySeeBinding(binding: Binding, { repositories }: Confinement): boolean {
  return !repositories || couldApplyTo(binding, repositories)
}

function maySelectOneOf(selector: readonly string[] | undefined, repositories: readonly string[]): boolean {
  if (!selector || selector.length === 0) return true
  // Forges don't tell letter case apart in names: a binding can't be dodged by the spelling of a token's confinement.
  return repositoriesMayMeet(lowerCase(selector), lowerCase(repositories))
}

function lowerCase(globs: readonly string[]): string[] {
  return globs.map((glob) => glob.toLowerCase())
}
