import { repositoriesMayMeet } from '../core/repository.ts'

/** What is proven decides, never what the asker declares: else naming another repository would hide this one's findings. */
export function belongsToAsker(owner: readonly string[] | null, { repositories }: { repositories: readonly string[] | null }): boolean {
  return owner === null || repositories === null || repositoriesMayMeet(owner, repositories)
}

/** Whether a list as in `from` names a principal, or one of its groups. */
export function names(from: readonly string[], principal: string, groups: readonly string[]): boolean {
  return from.includes(principal) || groups.some((group) => from.includes(`group:${group}`))
}
