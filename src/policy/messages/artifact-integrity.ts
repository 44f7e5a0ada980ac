import { listArg, listed, textArg, type RuleMessage } from './words.ts'

/** How much of a commit a sentence shows. */
const SHORT_COMMIT = 12

const tagWithoutCommit: RuleMessage = (result) => {
  const commits = listArg(result, 'commits').map((commit) => commit.slice(0, SHORT_COMMIT))
  const tag = textArg(result, 'tag') ?? ''
  return commits.length === 0
    ? {
        message: `The tag ${tag} must name the commit that the artifact was built from, and none is known.`,
        fix: 'Link the artifact to its source revision: source= with evidence, or its provenance.',
      }
    : {
        message: `The tag ${tag} does not name the commit that the artifact was built from, ${listed(commits)}.`,
        fix: 'Push the artifact under a tag that holds the first seven or more digits of the commit, and name it so.',
      }
}

const noTag: RuleMessage = (result) => {
  const { semver, commit } = result.args ?? {}
  const what = [...(semver === true ? ['is a semantic version'] : []), ...(commit === true ? ['names its commit'] : [])]
  return {
    message: `The artifact was named without a tag; it needs one that ${listed(what)}.`,
    fix: 'Ask with the whole name, NAME:TAG@sha256:….',
  }
}

const notPromoted: RuleMessage = (result) => {
  const denied = listArg(result, 'denied')
  const refused = denied.length === 0 ? '' : `; the newest decision at ${listed(denied)} is a denial`
  return {
    message: `This digest did not pass ${listed(result.missing ?? [])}${refused}.`,
    fix: 'Take the digest that was built once through every stage, and ask at each: another build is another digest.',
  }
}

/** The sentences of pack `artifact-integrity`. */
export const ARTIFACT_INTEGRITY_MESSAGES: Readonly<Record<string, RuleMessage>> = {
  not_an_artifact: () => ({
    message: 'The subject is a source revision; only an artifact by its digest may pass.',
    fix: 'Build the artifact, and ask about its digest.',
  }),
  no_tag: noTag,
  tag_not_semver: (result) => ({
    message: `The tag ${textArg(result, 'tag') ?? ''} is not a semantic version such as 1.4.0 or 1.4.0-rc.1.`,
    fix: 'Push the artifact under the tag of its version, and name it so.',
  }),
  tag_without_commit: tagWithoutCommit,
  not_promoted: notPromoted,
}
