import type { Authorship } from '../../core/contributor.ts'
import type { ReportParser } from '../parser.ts'
import { byEmail, byLogin, coAuthors, contributorsOf, repositoryOf, revisionsOf } from './change-people.ts'
import { isObject, objectOf, type JsonObject } from './json-fields.ts'
import { pagedItems } from './paged.ts'
import { jsonOf, report, wrongFormat } from './report.ts'

const FORMAT = 'gitlab-merge-request'
const PAGE = /\/-\/merge_requests\/\d+$/

/**
 * GitLab's reply about a merge request, `GET /projects/ID/merge_requests/IID`, with those about its commits, `…/commits`, as one object
 * `{merge_request, commits}`; without its commits it is partial. With its approvals it is of the format `gitlab-review`. GitLab names the
 * people of commits by their addresses only.
 * https://docs.gitlab.com/api/merge_requests/#get-single-mr
 */
export const gitlabMergeRequest: ReportParser = {
  format: FORMAT,
  classes: ['change'],
  claims: ({ json }) => mergeRequestIn(json) !== undefined && !hasApprovals(json),
  parse: (source) => {
    const json = jsonOf(FORMAT, source)
    if (hasApprovals(json)) throw wrongFormat(FORMAT, 'with approvals it is one of the format gitlab-review')
    const { commits, authorship } = readMergeRequest(FORMAT, json)
    return report({ name: 'gitlab', version: null }, ['change'], { ...(commits.length === 0 && WITHOUT_COMMITS), authorship })
  },
}

export const WITHOUT_COMMITS = { completeness: 'partial', completenessReason: 'Its commits are missing.' } as const

/** What GitLab replied about a merge request and its commits. */
export interface MergeRequest {
  merge: JsonObject
  commits: readonly JsonObject[]
  /** Whether there may be more commits. */
  mayContinue: boolean
  /** Host and path. */
  repository: string
  authorship: Authorship
}

/** How many GitLab gives at once if nobody says how many. */
export const PAGE_SIZE = 20

/** @throws {ReportError} */
export function readMergeRequest(format: string, json: unknown): MergeRequest {
  const merge = mergeRequestIn(json)
  if (!isObject(json) || !merge) throw wrongFormat(format, 'it is not what GitLab replies about a merge request')
  const { forge, repository } = repositoryOf(format, merge['web_url'], PAGE)
  const { items: commits, mayContinue } =
    merge === json ? { items: [], mayContinue: false } : pagedItems(format, json, 'commits', PAGE_SIZE)
  const merger = objectOf(merge['merge_user'] ?? merge['merged_by'])['username']
  const contributors = contributorsOf([
    ...byLogin('author', forge, objectOf(merge['author'])['username'], true),
    ...(merge['state'] === 'merged' ? byLogin('merger', forge, merger, true) : []),
    ...commits.flatMap((commit) => [
      ...byEmail('co-author', commit['author_email']),
      ...byEmail('committer', commit['committer_email']),
      ...coAuthors(commit['message']),
    ]),
  ])
  const revisions = revisionsOf(format, repository, [merge['sha'], merge['merge_commit_sha'], merge['squash_commit_sha']])
  return { merge, commits, mayContinue, repository, authorship: { revisions, contributors } }
}

/** Whether it holds the approvals of a merge request beside it. */
export function hasApprovals(json: unknown): json is JsonObject {
  return isObject(json) && 'approvals' in json && isObject(json['merge_request']) && mergeRequestIn(json) !== undefined
}

function mergeRequestIn(json: unknown): JsonObject | undefined {
  const merge = isObject(json) && isObject(json['merge_request']) ? json['merge_request'] : json
  if (!isObject(merge) || typeof merge['web_url'] !== 'string' || !PAGE.test(merge['web_url'])) return undefined
  return isObject(merge['author']) && typeof merge['state'] === 'string' ? merge : undefined
}
