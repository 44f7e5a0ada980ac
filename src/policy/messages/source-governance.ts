import { missingEvidence } from './shared.ts'
import { counted, listArg, listed, numberArg, textArg, type RuleMessage } from './words.ts'

const AGAIN = 'and post it again'

function changeIn(result: Parameters<RuleMessage>[0]): string {
  return textArg(result, 'change') ?? 'The change'
}

const tooFewReviews: RuleMessage = (result) => {
  const [count, outdated, involved] = ['count', 'outdated', 'involved'].map((name) => numberArg(result, name))
  const aside = [
    ...(outdated ? [`${outdated} of an older commit`] : []),
    ...(involved ? [`${involved} by people who had a hand in it or may not approve`] : []),
  ]
  const others = aside.length === 0 ? '' : ` (not counted: ${aside.join(' and ')})`
  return {
    message: `${changeIn(result)} has ${counted(count ?? 0, 'approval')} that counts${others}; ${numberArg(result, 'minimum')} must.`,
    fix: `Have its last commit approved by somebody who had no hand in it, ${AGAIN}.`,
  }
}

const checkNotPassed: RuleMessage = (result) => {
  const [failed, absent] = [listArg(result, 'checks'), listArg(result, 'absent')]
  const parts = [
    ...(failed.length > 0 ? [`did not pass: ${listed(failed)}`] : []),
    ...(absent.length > 0 ? [`are not there: ${listed(absent)}`] : []),
  ]
  return {
    message: `Demanded checks of ${changeIn(result)} ${parts.join('; others ')}.`,
    fix: `Let them pass on the last commit, and post the review with its checks again.`,
  }
}

const unsignedCommits: RuleMessage = (result) => {
  const [commits, signed] = [result.args?.['commits'], result.args?.['signed']]
  const known = typeof commits === 'number' && typeof signed === 'number'
  return {
    message: `${changeIn(result)} must have only signed commits; ${known ? `${signed} of ${commits} have` : 'nothing tells which have'} a verified signature.`,
    fix: `Sign its commits, ${AGAIN} with what the forge says of their signatures.`,
  }
}

/** The sentences of pack `source-governance`. */
export const SOURCE_GOVERNANCE_MESSAGES: Readonly<Record<string, RuleMessage>> = {
  other_change: (result) => ({
    message: `The review that was posted, ${changeIn(result)}, is not about this subject or the revision that it was made of.`,
    fix: 'Post the review of the change that this revision came by; for an artifact name its revision with source=.',
  }),
  wrong_branch: (result) => ({
    message: `${changeIn(result)} went to the branch ${textArg(result, 'branch') ?? 'unknown'}; only ${listed(listArg(result, 'branches'))} may be used.`,
    fix: 'Bring the change to such a branch, and build that revision.',
  }),
  unprotected_branch: (result) => ({
    message: `The branch ${textArg(result, 'branch') ?? 'unknown'}, to which ${changeIn(result)} went, is not known to be protected.`,
    fix: `Protect the branch, ${AGAIN} with what the forge says of its protection.`,
  }),
  too_few_reviews: tooFewReviews,
  changes_requested: (result) => ({
    message: `${listed(listArg(result, 'by'))} asked for changes of ${changeIn(result)}.`,
    fix: `Settle it with them, have the review approved or dismissed, ${AGAIN}.`,
  }),
  check_not_passed: checkNotPassed,
  unsigned_commits: unsignedCommits,
  code_owners: (result) => ({
    message: `The code owners ${result.args?.['pending'] === true ? 'have not approved' : 'are not known to have approved'} ${changeIn(result)}.`,
    fix: `Let the branch demand them, have them approve, ${AGAIN} with what the forge says of it.`,
  }),
  missing_evidence: missingEvidence(
    'review',
    "Post GitHub's or GitLab's replies about the change, or the format source-review, to /v1/evidence for the source revision.",
  ),
}
