import { proven } from './facts.ts'
import { DISCOVERY, type KindProfile } from './kind.ts'
import { repositoryOfAddress } from './repository-name.ts'
import { anyOf } from './says-who.ts'

const PROJECT = 'oidc.circleci.com/project-id'
const ORIGIN = 'oidc.circleci.com/vcs-origin'
const BY_SSH = 'oidc.circleci.com/ssh-rerun'

/** CircleCI. No claim says which commit a job runs for, and a build of a fork has the project of the original. */
export const circleci: KindProfile = {
  title: 'CircleCI',
  keys: DISCOVERY,
  claims: {
    [PROJECT]: 'ascii',
    'oidc.circleci.com/org-id': 'ascii',
    [ORIGIN]: 'ascii',
    'oidc.circleci.com/vcs-ref': 'text',
    'oidc.circleci.com/pipeline-definition-id': 'ascii',
    'oidc.circleci.com/pipeline-id': 'ascii',
    'oidc.circleci.com/workflow-id': 'ascii',
    'oidc.circleci.com/job-id': 'ascii',
    'oidc.circleci.com/context-ids': 'list',
    [BY_SSH]: 'boolean',
    sub: 'text',
  },
  nested: {},
  saysWho: anyOf({ [PROJECT]: 'exact' }, { 'oidc.circleci.com/org-id': 'exact' }, { [ORIGIN]: isOwned }),
  who: `${PROJECT}, oidc.circleci.com/org-id or ${ORIGIN}`,
  provesRepository: true,
  facts: (token) =>
    proven({
      repository: repositoryOfAddress(token.text(ORIGIN)),
      ref: token.text('oidc.circleci.com/vcs-ref'),
      pipeline: token.text('oidc.circleci.com/pipeline-definition-id'),
      execution: token.text('oidc.circleci.com/workflow-id'),
    }),
  ruleFault: ({ claims, patterns, confinement, speaksFor }) =>
    (confinement.repositories === undefined && speaksFor.length === 0) || anyOf({ [ORIGIN]: isOwned })({ claims, patterns })
      ? undefined
      : {
          message: `it confines to stated repositories, but leaves open ${ORIGIN}: a build of a fork has the project of the original`,
          remedy: `Name ${ORIGIN} too, or leave out confinement.repositories and speaksFor.`,
        },
  tokenFault: (token, { claims }) =>
    token.value(BY_SSH) === false || (token.value(BY_SSH) === true && claims[BY_SSH] === true)
      ? undefined
      : {
          message: 'The job was started again with SSH, so that a person may be at its keyboard, or does not say that it was not.',
          remedy: `Run the job without SSH; a rule that names "${BY_SSH}": true lets such jobs in.`,
        },
}

/** With host and the first part of the path, the scheme being optional: `github.com/acme/`. */
function isOwned(literal: string): boolean {
  return /^(?:https:\/\/)?[^/]+\/[^/]+\//.test(literal)
}
