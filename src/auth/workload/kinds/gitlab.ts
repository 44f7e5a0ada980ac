import { proven } from './facts.ts'
import { DISCOVERY, type KindProfile } from './kind.ts'
import { repositoryName } from './repository-name.ts'
import { anyOf } from './says-who.ts'

/**
 * ID tokens of GitLab CI. Ids and booleans are texts there, but for the number of the runner. `sub` can be put together otherwise in each
 * project. Who set off the job (`user_…`) may do so in any project, and is no ground for rights.
 */
export const gitlab: KindProfile = {
  title: 'GitLab',
  keys: DISCOVERY,
  claims: {
    ...{ project_id: 'ascii', project_path: 'ascii', namespace_id: 'ascii', namespace_path: 'ascii', project_visibility: 'ascii' },
    ...{ ref: 'text', ref_type: 'ascii', ref_path: 'text', ref_protected: 'ascii', sha: 'ascii' },
    ...{ environment: 'text', environment_protected: 'ascii', environment_action: 'ascii', deployment_tier: 'ascii' },
    ...{ pipeline_id: 'ascii', pipeline_source: 'ascii', job_id: 'ascii', job_source: 'ascii', runner_id: 'number' },
    ...{ runner_environment: 'ascii', ci_config_ref_uri: 'text', ci_config_sha: 'ascii', sub: 'text' },
    ...{ user_id: 'ascii', user_login: 'ascii', user_email: 'text', user_access_level: 'ascii', groups_direct: 'list' },
  },
  nested: {},
  saysWho: anyOf({ project_id: 'exact' }, { project_path: 'owner' }, { namespace_id: 'exact' }, { namespace_path: 'owner' }),
  who: 'project_id, project_path, namespace_id or namespace_path',
  provesRepository: true,
  // A GitLab below a path has that path in the addresses of its repositories too.
  hostOf: ({ host, pathname }) => host + pathname.replace(/\/$/, ''),
  facts: (token, { host }) => {
    const repository = repositoryName(host, token.text('project_path'))
    const pipeline = token.text('pipeline_id')
    return proven({
      repository,
      commit: token.commit('sha'),
      ref: token.text('ref_path') ?? token.text('ref'),
      actor: token.text('user_login'),
      trigger: token.text('pipeline_source'),
      pipeline: token.text('ci_config_ref_uri'),
      execution: pipeline,
      executionUrl: repository && pipeline && `https://${repository}/-/pipelines/${pipeline}`,
      environment: token.text('environment'),
      runner: token.text('runner_environment'),
    })
  },
}
