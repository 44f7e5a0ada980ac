import type { PullRequest } from './github-pull-request.ts'
import { isObject, numberOf, objectOf, objectsOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'
import { pagedItems } from './paged.ts'
import { malformed } from './report.ts'

/** A check that a branch requires, and of which app, if that matters. */
export interface RequiredCheck {
  name: string
  app: number | null
}

/** What the branch that a change goes to demands of it. */
export interface BranchDemands {
  /** Null where nothing tells. */
  protected: boolean | null
  checks: RequiredCheck[]
  /** Whether code owners must approve. */
  codeOwners: boolean
  /** Whether there may be more rules. */
  mayContinue: boolean
}

/** How many rules GitHub gives at once if nobody says how many. */
const PAGE_SIZE = 30

/**
 * Reads `branch` (`GET …/branches/NAME`), `protection` (`GET …/branches/NAME/protection`) and `rules` (`GET …/rules/branches/NAME`).
 * That a branch is protected says nothing without what that means, so the first alone is believed only with its `protection`.
 * @throws {ReportError} `report_malformed`, also for those of another branch
 */
export function branchDemands(format: string, json: JsonObject, { pull, repository }: PullRequest): BranchDemands {
  const base = textOf(objectOf(pull['base'])['ref'])
  if (base === null) throw malformed(format, 'does not say which branch it goes to')
  const branch = replyOf(format, json, 'branch', (reply) => reply['name'] === base)
  const protection = replyOf(format, json, 'protection', (reply) => isAbout(reply['url'], repository, base))
  const rules = pagedItems(format, json, 'rules', PAGE_SIZE)
  const summary = objectOf(branch['protection'])
  const reviews = [objectOf(protection['required_pull_request_reviews']), ...parametersOf(rules.items, 'pull_request')]
  const isKnown = ['branch', 'protection', 'rules'].some((name) => isGiven(json[name]))
  return {
    protected: isKnown ? 'url' in protection || (branch['protected'] === true && summary['enabled'] === true) || reviews.length > 1 : null,
    checks: [
      ...requiredOf(objectOf(summary['required_status_checks'])),
      ...requiredOf(objectOf(protection['required_status_checks'])),
      ...parametersOf(rules.items, 'required_status_checks').flatMap(requiredByRule),
    ],
    codeOwners: reviews.some((demand) => demand['require_code_owner_reviews'] === true || demand['require_code_owner_review'] === true),
    mayContinue: rules.mayContinue,
  }
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

function replyOf(format: string, json: JsonObject, name: string, isTheBranchs: (reply: JsonObject) => boolean): JsonObject {
  const reply = json[name]
  if (!isGiven(reply)) return {}
  if (isObject(reply) && isTheBranchs(reply)) return reply
  throw malformed(format, `has a ${name} that is not that of the branch which the change goes to`)
}

/** `https://api.github.com/repos/acme/app/branches/main/protection`; GitHub Enterprise has a path before it. */
function isAbout(url: unknown, repository: string, branch: string): boolean {
  const path = URL.parse(textOf(url) ?? '')?.pathname ?? ''
  const expected = `/repos/${repository.slice(repository.indexOf('/') + 1)}/branches/${branch}/protection`
  return [path, decoded(path)].some((text) => text.toLowerCase().endsWith(expected.toLowerCase()))
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function parametersOf(rules: readonly JsonObject[], type: string): JsonObject[] {
  return rules.filter((rule) => rule['type'] === type).map((rule) => objectOf(rule['parameters']))
}

/** Classic protection names each check twice, the second time with its app. */
function requiredOf(demand: JsonObject): RequiredCheck[] {
  const checks = objectsOf(demand['checks']).flatMap(({ context, app_id: app }) => required(context, app))
  const named = new Set(checks.map(({ name }) => name))
  return [...checks, ...stringsOf(demand['contexts']).flatMap((name) => (named.has(name) ? [] : required(name, null)))]
}

function requiredByRule(parameters: JsonObject): RequiredCheck[] {
  return objectsOf(parameters['required_status_checks']).flatMap(({ context, integration_id: app }) => required(context, app))
}

/** An app of -1 is any. */
function required(name: unknown, app: unknown): RequiredCheck[] {
  const text = textOf(name)
  const id = numberOf(app)
  return text === null ? [] : [{ name: text, app: id === null || id < 0 ? null : id }]
}
