import type { Contributor, ContributorRole } from '../../core/contributor.ts'
import type { ReportParser } from '../parser.ts'
import { byEmail, byLogin, coAuthors, contributorsOf, repositoryOf, revisionsOf } from './change-people.ts'
import { isObject, objectOf, type JsonObject } from './json-fields.ts'
import { jsonOf, malformed, report, wrongFormat } from './report.ts'

const FORMAT = 'github-commit'
const PAGE = /\/commit\/[0-9a-f]{40,64}$/

/**
 * GitHub's reply about one commit: `GET /repos/OWNER/REPO/commits/SHA`.
 * https://docs.github.com/en/rest/commits/commits#get-a-commit
 */
export const githubCommit: ReportParser = {
  format: FORMAT,
  classes: ['change'],
  claims: ({ json }) => isCommit(json),
  parse: (source) => {
    const json = jsonOf(FORMAT, source)
    if (!isCommit(json)) throw wrongFormat(FORMAT, 'it is not what GitHub replies about a commit')
    const { forge, repository } = repositoryOf(FORMAT, json['html_url'], PAGE)
    const revisions = revisionsOf(FORMAT, repository, [json['sha']])
    if (revisions.length === 0) throw malformed(FORMAT, 'has no full commit as sha')
    const contributors = contributorsOf(githubCommitPeople(json, forge, 'author'))
    return report({ name: 'github', version: null }, ['change'], { authorship: { revisions, contributors } })
  },
}

function isCommit(json: unknown): json is JsonObject {
  if (!isObject(json) || typeof json['sha'] !== 'string' || typeof json['html_url'] !== 'string') return false
  const { author, committer, message } = objectOf(json['commit'])
  return isObject(author) && isObject(committer) && typeof message === 'string'
}

/** GitHub commits under this login what people do on its pages; it stands for nobody. */
const WEB = 'web-flow'

/**
 * The people of a commit. GitHub finds the logins of a commit by its addresses, which anybody can write. Only a signature that it verified
 * tells more, and only of the committer, whose key it is. Where GitHub signed itself, the author may be what somebody wrote all the same.
 * @param authorRole what the author of the commit is to the change
 */
export function githubCommitPeople(entry: JsonObject, forge: string, authorRole: ContributorRole): Contributor[] {
  const commit = objectOf(entry['commit'])
  const author = objectOf(entry['author'])['login']
  const committer = objectOf(entry['committer'])['login']
  const signed = objectOf(commit['verification'])['verified'] === true
  return [
    ...byLogin(authorRole, forge, author, signed && committer === author),
    ...(committer === WEB ? [] : byLogin('committer', forge, committer, signed)),
    ...byEmail(authorRole, objectOf(commit['author'])['email']),
    ...byEmail('committer', objectOf(commit['committer'])['email']),
    ...coAuthors(commit['message']),
  ]
}
