import type { Authorship } from '../../core/contributor.ts'
import type { ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { byLogin, contributorsOf, repositoryOf, revisionsOf } from './change-people.ts'
import { githubCommitPeople } from './github-commit.ts'
import { isObject, numberOf, objectOf, type JsonObject } from './json-fields.ts'
import { pagedItems } from './paged.ts'
import { jsonOf, report, wrongFormat } from './report.ts'

const FORMAT = 'github-pull-request'
const PAGE = /\/pull\/\d+$/

/**
 * GitHub's reply about a pull request, `GET /repos/OWNER/REPO/pulls/N`, with those about its commits, `…/pulls/N/commits`, as one object
 * `{pull_request, commits}`; without its commits it is partial. With its reviews it is of the format `github-review`.
 * https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request
 */
export const githubPullRequest: ReportParser = {
  format: FORMAT,
  classes: ['change'],
  claims: ({ json }) => pullRequestIn(json) !== undefined && !hasReviews(json),
  parse: (source) => {
    const json = jsonOf(FORMAT, source)
    if (hasReviews(json)) throw wrongFormat(FORMAT, 'with reviews it is one of the format github-review')
    const { authorship, completeness } = readPullRequest(FORMAT, json)
    return report({ name: 'github', version: null }, ['change'], { ...completeness, authorship })
  },
}

/** What GitHub replied about a pull request and its commits. */
export interface PullRequest {
  pull: JsonObject
  commits: readonly JsonObject[]
  /** Host and path. */
  repository: string
  authorship: Authorship
  /** The commits tell who else worked on it: if some are missing, so may be somebody. */
  completeness: Pick<ParsedReport, 'completeness' | 'completenessReason'>
}

/** @throws {ReportError} */
export function readPullRequest(format: string, json: unknown): PullRequest {
  const pull = pullRequestIn(json)
  if (!isObject(json) || !pull) throw wrongFormat(format, 'it is not what GitHub replies about a pull request')
  const { forge, repository } = repositoryOf(format, pull['html_url'], PAGE)
  const commits = pull === json ? [] : pagedItems(format, json, 'commits').items
  const merged = pull['merged'] === true
  const contributors = contributorsOf([
    ...byLogin('author', forge, objectOf(pull['user'])['login'], true),
    ...(merged ? byLogin('merger', forge, objectOf(pull['merged_by'])['login'], true) : []),
    ...commits.flatMap((commit) => githubCommitPeople(commit, forge, 'co-author')),
  ])
  const revisions = revisionsOf(format, repository, [objectOf(pull['head'])['sha'], merged ? pull['merge_commit_sha'] : undefined])
  return { pull, commits, repository, authorship: { revisions, contributors }, completeness: completenessOf(pull, commits) }
}

function completenessOf(pull: JsonObject, commits: readonly JsonObject[]): PullRequest['completeness'] {
  const stated = numberOf(pull['commits'])
  if (stated !== null && stated > 0 && commits.length === stated) return { completeness: 'complete', completenessReason: null }
  return { completeness: 'partial', completenessReason: `It holds ${commits.length} of ${stated ?? 'an unknown number of'} commits.` }
}

/** Whether it holds the reviews of a pull request beside it. */
export function hasReviews(json: unknown): json is JsonObject {
  return isObject(json) && 'reviews' in json && isObject(json['pull_request']) && pullRequestIn(json) !== undefined
}

function pullRequestIn(json: unknown): JsonObject | undefined {
  const pull = isObject(json) && isObject(json['pull_request']) ? json['pull_request'] : json
  if (!isObject(pull) || typeof pull['html_url'] !== 'string' || !PAGE.test(pull['html_url'])) return undefined
  return isObject(pull['user']) && isObject(pull['head']) && isObject(pull['base']) ? pull : undefined
}
