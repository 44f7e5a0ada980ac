import { loginOfNoReply, type Contributor } from '../../core/contributor.ts'
import { parseInstant } from '../../core/time.ts'
import type { ReportParser } from '../parser.ts'
import { githubChecks } from './github-checks.ts'
import { branchDemands } from './github-protection.ts'
import { hasReviews, readPullRequest, type PullRequest } from './github-pull-request.ts'
import { isObject, numberOf, objectOf, textOf, type JsonObject } from './json-fields.ts'
import { pagedItems } from './paged.ts'
import { jsonOf, malformed, report, wrongFormat } from './report.ts'
import { latestOf } from './review-time.ts'
import { loginKey, reviewParts, type SourceReview } from './source-review.ts'

const FORMAT = 'github-review'
/** How many GitHub gives at once if nobody says how many. */
const PAGE_SIZE = 30

/**
 * GitHub's replies about a pull request and how it was reviewed, as one object: `pull_request`, `reviews` and `commits`, and what is known
 * of the branch (`branch`, `protection`, `rules`) and of the checks of the last commit (`check_runs`, `status`). Lists may be given page by page.
 * https://docs.github.com/en/rest/pulls/reviews#list-reviews-for-a-pull-request
 */
export const githubReview: ReportParser = {
  format: FORMAT,
  classes: ['source-review', 'change'],
  claims: ({ json }) => hasReviews(json),
  parse: (source) => {
    const json = jsonOf(FORMAT, source)
    if (!hasReviews(json)) throw wrongFormat(FORMAT, 'it is not what GitHub replies about a pull request with its reviews')
    const change = readPullRequest(FORMAT, json)
    if (change.authorship.revisions.length === 0) throw malformed(FORMAT, 'has no full commit as head')
    const reviews = pagedItems(FORMAT, json, 'reviews', PAGE_SIZE)
    const demands = branchDemands(FORMAT, json, change)
    const checks = githubChecks(FORMAT, json, change, demands.checks)
    const review: SourceReview = {
      change: `${change.repository}/pull/${numberOf(change.pull['number']) ?? 'unnumbered'}`,
      revisions: change.authorship.revisions,
      base: textOf(objectOf(change.pull['base'])['ref']) ?? '',
      protected: demands.protected,
      ...opinionsOf(reviews.items, change),
      checks: checks.results,
      commits: change.commits.length,
      signed: change.commits.filter(isVerified).length,
      codeOwners: codeOwnersOf(json, demands.codeOwners),
    }
    return report({ name: 'github', version: null }, ['source-review', 'change'], {
      ...change.completeness,
      ...(reviews.mayContinue && cutOff('reviews')),
      ...(demands.mayContinue && cutOff('rules of the branch')),
      ...(checks.mayContinue && cutOff('checks')),
      reportedAt: latestOf([change.pull['updated_at'], ...reviews.items.map((item) => item['submitted_at']), ...checks.times]),
      authorship: change.authorship,
      ...reviewParts(review),
    })
  },
}

function cutOff(what: string): { completeness: 'partial'; completenessReason: string } {
  return { completeness: 'partial', completenessReason: `Nothing tells that all ${what} are there: they end with a full page.` }
}

/** What says nothing about the change. */
const SILENT: readonly unknown[] = ['COMMENTED', 'PENDING']
const OPINIONS: readonly unknown[] = ['APPROVED', 'CHANGES_REQUESTED', 'DISMISSED']
/** Anybody can approve what is public; these may have been let in to write. */
const MEMBERS: readonly unknown[] = ['OWNER', 'MEMBER', 'COLLABORATOR']
const OUTSIDERS: readonly unknown[] = ['NONE', 'CONTRIBUTOR', 'FIRST_TIMER', 'FIRST_TIME_CONTRIBUTOR', 'MANNEQUIN']

/** What each person says of it last. */
function opinionsOf(reviews: readonly JsonObject[], { pull, authorship }: PullRequest): Pick<SourceReview, 'approvals' | 'objections'> {
  const head = objectOf(pull['head'])['sha']
  const involved = loginsOf(authorship.contributors)
  const last = [...lastOpinions(reviews)]
  return {
    approvals: last
      .filter(([, { state }]) => state === 'APPROVED')
      .map(([by, review]) => ({
        by,
        current: review['commit_id'] === head,
        independent: isPerson(review) && MEMBERS.includes(review['author_association']) && !involved.has(loginKey(by)),
      })),
    objections: last
      .filter(([, { state, author_association: kind }]) => state === 'CHANGES_REQUESTED' && !OUTSIDERS.includes(kind))
      .map(([by]) => by),
  }
}

/** Who was deleted since goes under one name: of several such people the last speaks. */
const NOBODY = 'ghost'

/** @throws {ReportError} for a review of a kind that nobody knows: it could be one that forbids */
function lastOpinions(reviews: readonly JsonObject[]): Map<string, JsonObject> {
  const opinions = reviews.flatMap((review) => {
    if (SILENT.includes(review['state'])) return []
    const at = parseInstant(review['submitted_at'])
    if (!OPINIONS.includes(review['state'])) throw malformed(FORMAT, 'has a review in an unknown state')
    if (at === undefined) throw malformed(FORMAT, 'has a review without the time when it was submitted')
    return [{ at, by: textOf(objectOf(review['user'])['login']) ?? NOBODY, review }]
  })
  return new Map(opinions.toSorted((a, b) => a.at - b.at).map(({ by, review }) => [by, review]))
}

function isPerson(review: JsonObject): boolean {
  return objectOf(review['user'])['type'] === 'User'
}

/** Who had a hand in the change; merging it is none. */
function loginsOf(contributors: readonly Contributor[]): Set<string> {
  const logins = contributors
    .filter(({ role }) => role !== 'merger')
    .flatMap(({ login, email }) => login ?? (email === null ? [] : (loginOfNoReply(email)?.login ?? [])))
  return new Set(logins.map(loginKey))
}

function isVerified(commit: JsonObject): boolean {
  return objectOf(objectOf(commit['commit'])['verification'])['verified'] === true
}

/** GitHub says it of all demanded reviews together, and only where asked: `gh pr view --json reviewDecision`. */
function codeOwnersOf(json: JsonObject, demanded: boolean): SourceReview['codeOwners'] {
  const stated = json['review_decision']
  const decision = textOf(isObject(stated) ? stated['reviewDecision'] : stated)
  if (!demanded || decision === null) return 'unknown'
  return decision === 'APPROVED' ? 'approved' : 'pending'
}
