import { proven } from './facts.ts'
import { DISCOVERY, type KindProfile } from './kind.ts'
import { anyOf } from './says-who.ts'

/** The OpenID Connect provider plugin of Jenkins. `sub` is the job's address; every other claim is a template of its administrators. */
export const jenkins: KindProfile = {
  title: 'Jenkins',
  keys: DISCOVERY,
  claims: { sub: 'text', build_number: 'number' },
  nested: {},
  saysWho: anyOf({ sub: (literal) => jobOf(literal) !== undefined }),
  who: 'sub, the address of the job with its last slash, or a pattern that begins with a folder: https://jenkins.example.com/job/acme/**',
  provesRepository: false,
  facts: (token) => {
    const job = jobOf(token.text('sub') ?? '')
    const build = token.number('build_number')
    return proven({ pipeline: job, execution: build, executionUrl: job && build && `${job}${job.endsWith('/') ? '' : '/'}${build}/` })
  },
}

/** The address of a job, or of what lies in a folder. */
function jobOf(text: string): string | undefined {
  return /^https?:\/\/[^/]+\/(?:[^*]+\/)?job\/[^/]+\//.test(text) ? text : undefined
}
