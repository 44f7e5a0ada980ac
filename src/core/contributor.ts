/** How somebody took part in a change. `actor`: who set off the run of the pipeline. */
export const CONTRIBUTOR_ROLES = ['author', 'co-author', 'committer', 'merger', 'actor'] as const

export type ContributorRole = (typeof CONTRIBUTOR_ROLES)[number]

/** Somebody who took part in a change, as it is known of them. */
export interface Contributor {
  role: ContributorRole
  /** Host of the forge at which the login is, such as `github.com`; null if only an address is known. */
  forge: string | null
  login: string | null
  /**
   * The forge let them in as that login when they did it. A login that it only found by an address of git is worth as much as that: anybody
   * can write anybody's.
   */
  vouched: boolean
  /** As git has it: it can exclude whom it belongs to, and proves nothing. */
  email: string | null
}

/** What a forge says about a change. */
export interface Authorship {
  /** The source revisions that it is about: `git+https://HOST/REPO@SHA`. */
  revisions: string[]
  contributors: Contributor[]
}

const NO_REPLY = /^(?:\d+[+-])?([^@]+)@users\.noreply\.([a-z0-9.-]+)$/i

/**
 * The login behind an address that forges give out so that people need not show their own: `4711+ann@users.noreply.github.com`,
 * `4711-ann@users.noreply.gitlab.com`. As anybody can write it too, it excludes and proves nothing.
 */
export function loginOfNoReply(email: string): { forge: string; login: string } | undefined {
  const [, login, forge] = NO_REPLY.exec(email) ?? []
  return login === undefined || forge === undefined ? undefined : { forge: forge.toLowerCase(), login }
}
