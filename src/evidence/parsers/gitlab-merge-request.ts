import type { ReportParser } from '../parser.ts'
import { byEmail, byLogin, coAuthors, contributorsOf, repositoryOf, revisionsOf } from './change-people.ts'
import { isObject, objectOf, type JsonObject } from './json-fields.ts'
import { itemsOf, jsonOf, report, wrongFormat } from './report.ts'

const FORMAT = 'gitlab-merge-request'
const PAGE = /\/-\/merge_requests\/\d+$/

/**
 * GitLab's reply about a merge request, `GET /projects/ID/merge_requests/IID`, with those about its commits, `…/commits`, as one object
 * `{merge_request, commits}`; without its commits it is partial. GitLab names the people of commits by their addresses only.
 * https://docs.gitlab.com/api/merge_requests/#get-single-mr
 */
export const gitlabMergeRequest: ReportParser = {
  format: FORMAT,
  classes: ['change'],
  claims: ({ json }) => mergeRequestIn(json) !== undefined,
  parse: (source) => {
    const json = jsonOf(FORMAT, source)
    const merge = mergeRequestIn(json)
    if (!isObject(json) || !merge) throw wrongFormat(FORMAT, 'it is not what GitLab replies about a merge request')
    const { forge, repository } = repositoryOf(FORMAT, merge['web_url'], PAGE)
    const commits = merge === json ? [] : itemsOf(FORMAT, json, 'commits')
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
    const revisions = revisionsOf(FORMAT, repository, [merge['sha'], merge['merge_commit_sha'], merge['squash_commit_sha']])
    return report({ name: 'gitlab', version: null }, ['change'], {
      ...(commits.length === 0 && { completeness: 'partial', completenessReason: 'Its commits are missing.' }),
      authorship: { revisions, contributors },
    })
  },
}

function mergeRequestIn(json: unknown): JsonObject | undefined {
  const merge = isObject(json) && isObject(json['merge_request']) ? json['merge_request'] : json
  if (!isObject(merge) || typeof merge['web_url'] !== 'string' || !PAGE.test(merge['web_url'])) return undefined
  return isObject(merge['author']) && typeof merge['state'] === 'string' ? merge : undefined
}
