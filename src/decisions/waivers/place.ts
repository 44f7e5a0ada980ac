import { isSameRepository } from '../../core/repository.ts'
import type { WaiverPlace } from '../../governance/waivers/waiver-index.ts'
import type { SelectedEvidence } from '../evidence-selection.ts'
import type { Question } from '../question.ts'

/** Where a question is asked, by what is proven: a repository that was only declared lets no foreign waiver help. */
export function placeOfQuestion({ subject, stage, environment, repository, verified, at }: Question): WaiverPlace {
  return { subject: subject.id, stage, environment, repository: verified.includes('repository') ? repository : null, at }
}

/**
 * Where a finding belongs. Nobody but the pipeline of a repository can have submitted a report that is proven to be its own, so its waivers take out
 * what that report says where the question proves no repository, and names no other one.
 */
export function placeOfFinding(
  place: WaiverPlace,
  { repository: declared }: Question,
  { repository, repositoryProven }: SelectedEvidence,
): WaiverPlace {
  if (place.repository !== null || repository === null || !repositoryProven) return place
  if (declared !== null && !isSameRepository(declared, repository) && !isSameRepository(repository, declared)) return place
  return { ...place, repository }
}
