import { proven } from './facts.ts'
import { DISCOVERY, type KindProfile } from './kind.ts'
import { repositoryOfAddress } from './repository-name.ts'
import { anyOf } from './says-who.ts'

/**
 * Azure Pipelines. A job has three kinds of token: one of its pipeline (`sub` is `p://ORGANISATION/PROJECT/PIPELINE`), which says nearly
 * everything, and one of a service connection, issued by Azure DevOps (`sc://ORGANISATION/PROJECT/CONNECTION`) or by Entra
 * (`/eid1/…/sc/…`), of which `sub` is all there is. The audience is the same for everybody.
 */
export const azure: KindProfile = {
  title: 'Azure Pipelines',
  keys: DISCOVERY,
  claims: {
    ...{ org_id: 'ascii', prj_id: 'ascii', def_id: 'ascii', run_id: 'ascii' },
    ...{ rpo_id: 'text', rpo_uri: 'text', rpo_ver: 'ascii', rpo_ref: 'text', sub: 'text' },
  },
  nested: {},
  saysWho: anyOf({ prj_id: 'exact' }, { org_id: 'exact' }, { rpo_uri: (literal) => isOwned(literal) }, { sub: isConnection }),
  who: 'prj_id with def_id, org_id or rpo_uri; of a service connection its whole sub',
  provesRepository: true,
  facts: (token) => {
    const [organisation, project] = pipelineOf(token.text('sub'))
    const run = token.text('run_id')
    return proven({
      repository: repositoryOfAddress(token.text('rpo_uri')),
      commit: token.commit('rpo_ver'),
      ref: token.text('rpo_ref'),
      pipeline: project === undefined ? undefined : token.text('sub'),
      execution: run,
      executionUrl: run && organisation && project && addressOfRun(organisation, project, run),
    })
  },
}

/** With host and the first part of the path: `https://github.com/acme/`. */
function isOwned(literal: string): boolean {
  return /^https:\/\/[^/]+\/[^/]+\//.test(literal)
}

/** The names of a pipeline can be given to another one, and its token has finer claims; a connection's token has nothing else. */
function isConnection(literal: string): boolean {
  return /^sc:\/\/[^/]+\/[^/]+\/./.test(literal) || /^\/eid1\/.+\/sc\/[^/]+\/./.test(literal)
}

function pipelineOf(subject: string | undefined): readonly (string | undefined)[] {
  return /^p:\/\/([^/]+)\/([^/]+)\/./.exec(subject ?? '')?.slice(1) ?? []
}

function addressOfRun(organisation: string, project: string, run: string): string {
  return `https://dev.azure.com/${encodeURIComponent(organisation)}/${encodeURIComponent(project)}/_build/results?buildId=${encodeURIComponent(run)}`
}
