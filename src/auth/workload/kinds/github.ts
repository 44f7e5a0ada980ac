import { proven } from './facts.ts'
import { DISCOVERY, type KindProfile } from './kind.ts'
import { repositoryName } from './repository-name.ts'
import { anyOf } from './says-who.ts'

/**
 * GitHub Actions, on github.com, with data residency and on GitHub Enterprise Server. Numbers and booleans are texts there. `sub` is put
 * together by a template that each organisation can change, and for newer repositories holds ids; names can pass to somebody else after a
 * rename, ids can't.
 */
export const github: KindProfile = {
  title: 'GitHub',
  keys: DISCOVERY,
  claims: {
    ...{ repository: 'ascii', repository_id: 'ascii', repository_owner: 'ascii', repository_owner_id: 'ascii' },
    ...{ enterprise: 'ascii', enterprise_id: 'ascii', repository_visibility: 'ascii' },
    ...{ ref: 'text', ref_type: 'ascii', ref_protected: 'ascii', head_ref: 'text', base_ref: 'text', sha: 'ascii' },
    ...{ event_name: 'ascii', environment: 'text', actor: 'ascii', actor_id: 'ascii', runner_environment: 'ascii' },
    ...{ workflow: 'text', workflow_ref: 'text', workflow_sha: 'ascii', job_workflow_ref: 'text', job_workflow_sha: 'ascii' },
    ...{ run_id: 'ascii', run_number: 'ascii', run_attempt: 'ascii', check_run_id: 'ascii', sub: 'text' },
  },
  nested: {},
  saysWho: anyOf(
    { repository_id: 'exact' },
    { repository: 'owner' },
    { repository_owner_id: 'exact' },
    { repository_owner: 'exact' },
    { enterprise_id: 'exact' },
    { enterprise: 'exact' },
  ),
  who: 'repository_id, repository, repository_owner_id, repository_owner or enterprise_id',
  provesRepository: true,
  hostOf: hostOfIssuer,
  facts: (token, { host }) => {
    const repository = repositoryName(host, token.text('repository'))
    const run = token.text('run_id')
    const attempt = token.text('run_attempt')
    return proven({
      repository,
      commit: token.commit('sha'),
      ref: token.text('ref'),
      baseRef: token.text('base_ref'),
      actor: token.text('actor'),
      trigger: token.text('event_name'),
      pipeline: token.text('workflow_ref') ?? token.text('job_workflow_ref'),
      execution: run,
      executionUrl: repository && run && `https://${repository}/actions/runs/${run}${attempt === undefined ? '' : `/attempts/${attempt}`}`,
      environment: token.text('environment'),
      runner: token.text('runner_environment'),
    })
  },
}

/** The issuer may have the enterprise's name as its path, except on a server of one's own, where the path is always the same. */
function hostOfIssuer({ host, pathname }: URL): string | undefined {
  if (host === 'token.actions.githubusercontent.com') return 'github.com'
  const tenant = /^token\.actions\.([a-z0-9-]+\.ghe\.com)$/.exec(host)?.[1]
  return tenant ?? (pathname === '/_services/token' ? host : undefined)
}
