import type { ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { byLogin, contributorsOf, repositoryOf, revisionsOf } from './change-people.ts'
import { githubCommitPeople } from './github-commit.ts'
import { isObject, numberOf, objectOf, type JsonObject } from './json-fields.ts'
import { itemsOf, jsonOf, report, wrongFormat } from './report.ts'

const FORMAT = 'github-pull-request'
const PAGE = /\/pull\/\d+$/

/**
 * GitHub's reply about a pull request, `GET /repos/OWNER/REPO/pulls/N`, with those about its commits, `…/pulls/N/commits`, as one object
 * `{pull_request, commits}`; without its commits it is partial.
 * https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request
 */
export const githubPullRequest: ReportParser = {
  format: FORMAT,
  classes: ['change'],
  claims: ({ json }) => pullRequestIn(json) !== undefined,
  parse: (source) => {
    const json = jsonOf(FORMAT, source)
    const pull = pullRequestIn(json)
    if (!isObject(json) || !pull) throw wrongFormat(FORMAT, 'it is not what GitHub replies about a pull request')
    const { forge, repository } = repositoryOf(FORMAT, pull['html_url'], PAGE)
    const commits = pull === json ? [] : itemsOf(FORMAT, json, 'commits')
    const merged = pull['merged'] === true
    const contributors = contributorsOf([
      ...byLogin('author', forge, objectOf(pull['user'])['login'], true),
      ...(merged ? byLogin('merger', forge, objectOf(pull['merged_by'])['login'], true) : []),
      ...commits.flatMap((commit) => githubCommitPeople(commit, forge, 'co-author')),
    ])
    const revisions = revisionsOf(FORMAT, repository, [objectOf(pull['head'])['sha'], merged ? pull['merge_commit_sha'] : undefined])
    const authorship = { revisions, contributors }
    return report({ name: 'github', version: null }, ['change'], { ...completeness(pull, commits), authorship })
  },
}

/** The commits tell who else worked on it: if some are missing, so may be somebody. */
function completeness(pull: JsonObject, commits: readonly JsonObject[]): Pick<ParsedReport, 'completeness' | 'completenessReason'> {
  const stated = numberOf(pull['commits'])
  if (stated !== null && stated > 0 && commits.length === stated) return { completeness: 'complete', completenessReason: null }
  return { completeness: 'partial', completenessReason: `It holds ${commits.length} of ${stated ?? 'an unknown number of'} commits.` }
}

function pullRequestIn(json: unknown): JsonObject | undefined {
  const pull = isObject(json) && isObject(json['pull_request']) ? json['pull_request'] : json
  if (!isObject(pull) || typeof pull['html_url'] !== 'string' || !PAGE.test(pull['html_url'])) return undefined
  return isObject(pull['user']) && isObject(pull['head']) && isObject(pull['base']) ? pull : undefined
}
