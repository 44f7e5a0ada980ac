import { AppError } from '../../core/app-error.ts'
import type { Contributor, ContributorRole } from '../../core/contributor.ts'
import { parseSubject } from '../../core/subject.ts'
import type { ReportErrorCode } from '../parser.ts'
import { textOf } from './json-fields.ts'
import { malformed } from './report.ts'

/** Far more than take part in what anybody reviews. */
const MAX_CONTRIBUTORS = 2000
const MAX_LOGIN = 255
const MAX_EMAIL = 320

/** Somebody by a login of the forge. */
export function byLogin(role: ContributorRole, forge: string, login: unknown, vouched: boolean): Contributor[] {
  const text = textOf(login)
  return text === null || text.length > MAX_LOGIN ? [] : [{ role, forge, login: text, vouched, email: null }]
}

/** Somebody by an address of git. One that is too long is nobody's. */
export function byEmail(role: ContributorRole, email: unknown): Contributor[] {
  const text = textOf(email)?.trim() ?? ''
  return text === '' || text.length > MAX_EMAIL ? [] : [{ role, forge: null, login: null, vouched: false, email: text }]
}

const TRAILER = /^co-authored-by:.{0,300}?<([^<>\s]{1,320})>\s*$/gim

/** The addresses of `Co-authored-by: NAME <ADDRESS>` in a commit's message. */
export function coAuthors(message: unknown): Contributor[] {
  return [...(textOf(message) ?? '').matchAll(TRAILER)].flatMap(([, email]) => byEmail('co-author', email))
}

/** Each once. @throws {ReportError} `report_too_complex` */
export function contributorsOf(contributors: readonly Contributor[]): Contributor[] {
  const distinct = new Map(contributors.map((contributor) => [JSON.stringify(Object.values(contributor)), contributor]))
  if (distinct.size <= MAX_CONTRIBUTORS) return [...distinct.values()]
  throw new AppError<ReportErrorCode>('report_too_complex', `More than ${MAX_CONTRIBUTORS} people took part in the change.`, {
    field: 'body',
    remedy: 'Send smaller changes.',
  })
}

/**
 * Host and repository of a page of a forge.
 * @param page such as `https://github.com/acme/app/pull/7`
 * @param path what follows the repository's own path
 * @throws {ReportError} `report_malformed`
 */
export function repositoryOf(format: string, page: unknown, path: RegExp): { forge: string; repository: string } {
  const url = URL.parse(textOf(page) ?? '')
  const end = url?.pathname.search(path) ?? -1
  if (!url || !/^https?:$/.test(url.protocol) || url.username || end < 2) throw malformed(format, 'has no address of a page of the forge')
  return { forge: url.host, repository: `${url.host}${url.pathname.slice(0, end)}` }
}

/**
 * The source revisions of these commits; what is no commit is none.
 * @throws {ReportError} `report_malformed` if the repository can't be one
 */
export function revisionsOf(format: string, repository: string, commits: readonly unknown[]): string[] {
  const known = commits.filter((commit) => typeof commit === 'string' && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(commit))
  try {
    return [...new Set(known.map((commit) => parseSubject(`git+https://${repository}@${String(commit)}`).id))]
  } catch {
    throw malformed(format, 'has the address of a page that is of no repository')
  }
}
