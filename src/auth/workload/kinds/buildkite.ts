import { proven } from './facts.ts'
import { DISCOVERY, type KindProfile } from './kind.ts'
import { anyOf } from './says-who.ts'

/**
 * Buildkite. One issuer speaks for all organisations, and a pipeline's slug means something within its organisation only. No claim names
 * the repository. Whoever starts a build by the API chooses its branch and commit.
 */
export const buildkite: KindProfile = {
  title: 'Buildkite',
  keys: DISCOVERY,
  claims: {
    ...{ organization_slug: 'ascii', organization_id: 'ascii', pipeline_slug: 'ascii', pipeline_id: 'ascii' },
    ...{ build_number: 'number', build_branch: 'text', build_tag: 'text', build_commit: 'ascii', build_source: 'ascii', build_id: 'ascii' },
    ...{ step_key: 'text', job_id: 'ascii', agent_id: 'ascii', runner_environment: 'ascii', sub: 'text' },
    ...{ cluster_id: 'ascii', cluster_name: 'text', queue_id: 'ascii', queue_key: 'text' },
  },
  nested: {},
  saysWho: anyOf({ organization_slug: 'exact' }, { organization_id: 'exact' }, { pipeline_id: 'exact' }, { cluster_id: 'exact' }),
  who: 'pipeline_id, or organization_id or organization_slug, best with pipeline_slug',
  provesRepository: false,
  facts: (token) => {
    const [organisation, pipeline] = [token.text('organization_slug'), token.text('pipeline_slug')]
    const build = token.number('build_number')
    const path = organisation && pipeline && `${organisation}/${pipeline}`
    const [tag, branch] = [token.text('build_tag'), token.text('build_branch')]
    return proven({
      commit: token.commit('build_commit'),
      ref: (tag && `refs/tags/${tag}`) ?? (branch && `refs/heads/${branch}`),
      trigger: token.text('build_source'),
      pipeline: path,
      execution: build,
      executionUrl: path && build && `https://buildkite.com/${path}/builds/${build}`,
      runner: token.text('runner_environment'),
    })
  },
}
