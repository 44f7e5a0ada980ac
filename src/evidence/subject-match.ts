import { isDigest } from '../core/digest.ts'
import { mayBeSamePlatform } from '../core/platform.ts'
import type { Evidence, Link, SubjectMatch } from './evidence.ts'

/**
 * Compares the digests that a report names with the subject that it was submitted for.
 * A digest of the index or a platform that the subject is proven to belong to matches as well, unless the report names the index and is of
 * another platform than that says that the subject is. Indexes that it doesn't name say nothing: anybody can make one.
 * A config digest can confirm, but its difference says nothing: it is another kind of digest.
 */
export function subjectMatch(
  evidence: Pick<Evidence, 'subject' | 'statedDigests' | 'confirmingDigests' | 'platform'>,
  links: readonly Link[],
): SubjectMatch {
  const { subject, statedDigests, confirmingDigests, platform } = evidence
  if (!isDigest(subject)) return 'unstated'
  const accepted = new Set<string>([subject])
  for (const link of links) {
    if (link.kind !== 'platform' || link.proof !== 'index') continue
    if (link.from === subject) accepted.add(link.to)
    const namesIndex = statedDigests.some((digest) => digest === link.from)
    if (link.to === subject && namesIndex && isOtherPlatform(platform, link.platform)) return 'mismatch'
    if (link.to === subject) accepted.add(link.from)
  }
  if ([...statedDigests, ...confirmingDigests].some((digest) => accepted.has(digest))) return 'match'
  return statedDigests.length > 0 ? 'mismatch' : 'unstated'
}

function isOtherPlatform(stated: string | null, proven: string | null): boolean {
  return stated !== null && proven !== null && !mayBeSamePlatform(stated, proven)
}
