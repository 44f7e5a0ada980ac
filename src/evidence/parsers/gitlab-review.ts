import { matchesGlob } from '../../core/glob.ts'
import { parseInstant } from '../../core/time.ts'
import type { ReportParser } from '../parser.ts'
import { hasApprovals, PAGE_SIZE, readMergeRequest, WITHOUT_COMMITS, type MergeRequest } from './gitlab-merge-request.ts'
import { isObject, numberOf, objectOf, textOf, type JsonObject } from './json-fields.ts'
import { pagedItems } from './paged.ts'
import { itemsOf, jsonOf, malformed, report, wrongFormat } from './report.ts'
import { latestOf } from './review-time.ts'
import { loginKey, reviewParts, type CheckResult, type SourceReview } from './source-review.ts'

const FORMAT = 'gitlab-review'

/**
 * GitLab's replies about a merge request and how it was reviewed, as one object: `merge_request`, `approvals` and `commits`, and what else
 * is known: `settings` and `versions`, `approval_state`, `reviewers`, `protected_branch`, `status_checks`, and `signatures` by commit.
 * https://docs.gitlab.com/api/merge_request_approvals/
 */
export const gitlabReview: ReportParser = {
  format: FORMAT,
  classes: ['source-review', 'change'],
  claims: ({ json }) => hasApprovals(json),
  parse: (source) => {
    const json = jsonOf(FORMAT, source)
    if (!hasApprovals(json)) throw wrongFormat(FORMAT, 'it is not what GitLab replies about a merge request with its approvals')
    const change = readMergeRequest(FORMAT, json)
    const { merge, commits, authorship } = change
    if (textOf(merge['sha']) === null || authorship.revisions.length === 0) throw malformed(FORMAT, 'has no full commit as sha')
    const signatures = objectOf(json['signatures'])
    const review: SourceReview = {
      change: `${change.repository}/-/merge_requests/${numberOf(merge['iid']) ?? 'unnumbered'}`,
      revisions: authorship.revisions,
      base: textOf(merge['target_branch']) ?? '',
      protected: isProtected(json, merge),
      approvals: approvalsOf(json, change),
      objections: objectionsOf(json, merge),
      checks: checksOf(json, merge),
      commits: commits.length,
      signed: isObject(json['signatures']) ? commits.filter((commit) => isVerified(signatures, commit['id'])).length : null,
      codeOwners: codeOwnersOf(json),
    }
    return report({ name: 'gitlab', version: null }, ['source-review', 'change'], {
      ...(change.mayContinue && CUT_OFF),
      ...(commits.length === 0 && WITHOUT_COMMITS),
      reportedAt: latestOf([
        merge['updated_at'],
        objectOf(json['approvals'])['updated_at'],
        objectOf(merge['head_pipeline'])['updated_at'],
      ]),
      authorship,
      ...reviewParts(review),
    })
  },
}

const CUT_OFF = {
  completeness: 'partial',
  completenessReason: 'Nothing tells that all commits are there: they end with a full page.',
} as const

/** Tokens of projects and groups go under such names. */
const BOT = /^(?:project|group)_\d+_bot/

/**
 * Who approves it now. GitLab doesn't say which commit somebody saw: an approval is of the last one if pushes take approvals away, or if
 * it came after the last push, whose time only `versions` have.
 */
function approvalsOf(json: JsonObject, { merge, commits }: MergeRequest): SourceReview['approvals'] {
  const settings = objectOf(json['settings'])
  const pushed = lastPush(json, merge)
  const hands = [objectOf(merge['author'])['username'], ...(committersMayNot(settings) ? [] : commits.flatMap(namesIn))]
  const involved = new Set(hands.flatMap((name) => nameKey(name) ?? []))
  const given = json['approvals']
  if (!isObject(given) || !Array.isArray(given['approved_by'])) throw malformed(FORMAT, 'has approvals without approved_by')
  return itemsOf(FORMAT, given, 'approved_by').map((approval) => {
    const { username, name } = objectOf(approval['user'])
    const by = textOf(username)
    if (by === null) throw malformed(FORMAT, 'has an approval by nobody')
    const at = parseInstant(approval['approved_at'])
    return {
      by,
      current: settings['reset_approvals_on_push'] === true || (pushed !== undefined && at !== undefined && at >= pushed),
      independent: !BOT.test(by) && ![by, name].some((own) => involved.has(nameKey(own) ?? '')),
    }
  })
}

function committersMayNot(settings: JsonObject): boolean {
  return settings['merge_requests_disable_committers_approval'] === true
}

/** GitLab knows the people of commits by what git has of them: whoever goes by the same name isn't taken for another. */
function namesIn(commit: JsonObject): unknown[] {
  return [commit['author_name'], commit['committer_name']]
}

function nameKey(name: unknown): string | undefined {
  const text = textOf(name)
  return text === null ? undefined : loginKey(text.trim())
}

/** When the last commit was pushed, by the forge's own clock. */
function lastPush(json: JsonObject, merge: JsonObject): number | undefined {
  const versions = pagedItems(FORMAT, json, 'versions').items.map((version) => ({
    head: version['head_commit_sha'],
    at: parseInstant(version['created_at']) ?? Infinity,
  }))
  const last = versions.reduce<(typeof versions)[number] | undefined>(
    (newest, each) => (newest && newest.at > each.at ? newest : each),
    undefined,
  )
  return last?.head === merge['sha'] ? last?.at : undefined
}

function objectionsOf(json: JsonObject, merge: JsonObject): string[] {
  const named = itemsOf(FORMAT, json, 'reviewers')
    .filter((reviewer) => reviewer['state'] === 'requested_changes')
    .map((reviewer) => textOf(objectOf(reviewer['user'])['username']) ?? 'somebody')
  return named.length === 0 && merge['detailed_merge_status'] === 'requested_changes' ? ['somebody'] : named
}

/** The pipeline and the external checks; GitLab has no others. */
function checksOf(json: JsonObject, merge: JsonObject): CheckResult[] {
  const external = pagedItems(FORMAT, json, 'status_checks', PAGE_SIZE).items.map((check) => ({
    name: textOf(check['name']) ?? 'unnamed',
    result: check['status'] === 'passed' ? 'success' : (textOf(check['status']) ?? 'unknown'),
    required: true,
  }))
  return [{ name: 'pipeline', result: pipelineResult(merge), required: true }, ...external]
}

const OF_THE_REQUEST = /^refs\/merge-requests\/\d+\/(?:head|merge|train)$/

/** A pipeline of merged results ran on a commit of its own. */
function pipelineResult(merge: JsonObject): string {
  const { sha, ref, status } = objectOf(merge['head_pipeline'])
  const isOfHead = sha === merge['sha'] || (typeof ref === 'string' && OF_THE_REQUEST.test(ref))
  return isOfHead ? (textOf(status) ?? 'unknown') : 'absent'
}

function protectedBranchIn(json: JsonObject): JsonObject | undefined {
  const given = json['protected_branch']
  return given === undefined || given === null ? undefined : objectOf(given)
}

/**
 * True if the branch is protected, null where nothing tells.
 * @throws {ReportError} `report_malformed` for what is of another branch
 */
function isProtected(json: JsonObject, merge: JsonObject): true | null {
  const given = protectedBranchIn(json)
  if (!given) return null
  const [name, base] = [textOf(given['name']), textOf(merge['target_branch'])]
  if (name !== null && base !== null && isOfPattern(name, base)) return true
  throw malformed(FORMAT, 'has a protected_branch that is not the one which the change goes to')
}

/** GitLab protects `release-*` too; its star stands for any text. */
function isOfPattern(pattern: string, name: string): boolean {
  return matchesGlob(pattern.replaceAll(/\*+/g, '**'), name)
}

function codeOwnersOf(json: JsonObject): SourceReview['codeOwners'] {
  const state = json['approval_state']
  const demanded = protectedBranchIn(json)?.['code_owner_approval_required'] === true
  if (!demanded || !isObject(state) || !Array.isArray(state['rules'])) return 'unknown'
  const rules = itemsOf(FORMAT, state, 'rules').filter((rule) => rule['rule_type'] === 'code_owner')
  return rules.every((rule) => rule['approved'] === true) ? 'approved' : 'pending'
}

const VERIFIED: readonly unknown[] = ['verified', 'verified_system']

function isVerified(signatures: JsonObject, commit: unknown): boolean {
  return (
    typeof commit === 'string' &&
    Object.hasOwn(signatures, commit) &&
    VERIFIED.includes(objectOf(signatures[commit])['verification_status'])
  )
}
