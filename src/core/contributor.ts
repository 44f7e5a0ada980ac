/** How somebody took part in a change. `actor`: who set off the run of the pipeline. */
export const CONTRIBUTOR_ROLES = ['author', 'co-author', 'committer', 'merger', 'actor'] as const

export type ContributorRole = (typeof CONTRIBUTOR_ROLES)[number]

/** Somebody who took part in a change, as it is known of them. */
export interface Contributor {
  role: ContributorRole
  /** Host of the forge at which the login is, such as `github.com`; null if only an address is known. */
  forge: string | null
  /** By the forge's own word; null if only an address is known. */
  login: string | null
  /** As git has it, where anybody can write anybody's: it can exclude whom it belongs to, and proves nothing. */
  email: string | null
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
