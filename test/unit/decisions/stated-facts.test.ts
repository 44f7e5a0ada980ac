import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { Access, Confinement } from '../../../src/core/principal.ts'
import { parseSubject } from '../../../src/core/subject.ts'
import type { WorkloadFacts } from '../../../src/core/workload-identity.ts'
import { readFacts, type StatedFacts } from '../../../src/decisions/confined-request.ts'
import type { DecisionContext } from '../../../src/decisions/decision.ts'
import { accessOf } from '../auth/memory-tokens.ts'

const COMMIT = 'a'.repeat(40)
const OWN = 'github.com/acme/cart'
const ARTIFACT = `sha256:${'1'.repeat(64)}`
const FACTS: WorkloadFacts = {
  repository: OWN,
  commit: COMMIT,
  ref: 'refs/heads/main',
  actor: 'ann',
  execution: '4711',
  runner: 'github-hosted',
}

/** A job whose token proves these facts. */
function job(confinement: Confinement, facts: WorkloadFacts = FACTS): Access {
  return { ...accessOf([], confinement), identity: { issuer: 'github', kind: 'github', subject: 'repo:acme/cart', facts } }
}

function read(access: Access, context: DecisionContext, subject = ARTIFACT): StatedFacts {
  return readFacts(access, context, parseSubject(subject, 'body.subject'), undefined)
}

describe('the facts of a request', () => {
  it('are what the claims prove, where there are claims', () => {
    const { repository, context, verified, declared } = read(job({ repositories: [OWN] }), { version: '1.2' })
    assert.equal(repository, OWN)
    assert.deepEqual(context, { version: '1.2', repository: OWN, commit: COMMIT, ref: 'refs/heads/main', actor: 'ann', execution: '4711' })
    assert.deepEqual(verified, ['actor', 'commit', 'execution', 'ref', 'repository'])
    assert.deepEqual(declared, ['version'])
  })

  it('cannot be overridden by the body, and say where it tried', () => {
    const told = { commit: 'b'.repeat(40), actor: 'somebody', execution: '4711' }
    const { context, contradicted, declared } = read(job({ repositories: [OWN] }), told)
    assert.deepEqual([context.commit, context.actor], [COMMIT, 'ann'])
    assert.deepEqual([contradicted, declared], [['actor', 'commit'], []])
  })

  it('take the own repository without its host for the own one, and no other', () => {
    const { repository, contradicted } = read(job({ repositories: [OWN] }), { repository: 'acme/cart' })
    assert.deepEqual([repository, contradicted], [OWN, []])
    for (const other of ['acme/cart-evil', 'gitlab.com/acme/cart', 'Acme/cart', 'acme/cаrt', 'github.com/acme/cart/x', 'acme/*']) {
      assert.throws(() => read(job({ repositories: [OWN] }), { repository: other }), { code: 'outside_confinement' }, other)
    }
  })

  it('prove commit and ref of the own repository only, but the run of whatever the job asks about', () => {
    const { repository, context, verified, declared } = read(job({ repositories: ['acme/**'] }), {
      repository: 'acme/shop',
      commit: 'c'.repeat(40),
    })
    assert.equal(repository, 'acme/shop')
    assert.deepEqual([context.commit, context.actor], ['c'.repeat(40), 'ann'])
    assert.deepEqual(
      [verified, declared],
      [
        ['actor', 'execution'],
        ['commit', 'repository'],
      ],
    )
  })

  it('are about the own repository if nothing else is said, but only where the job may speak for it', () => {
    assert.deepEqual(read(job({ repositories: ['acme/**'] }), {}).repository, OWN)
    assert.deepEqual(read(job({}), {}).repository, OWN)
    const deployer = read(job({ repositories: ['acme/shop', 'acme/web'] }), {})
    assert.deepEqual([deployer.repository, deployer.context.commit, deployer.verified], [null, undefined, ['actor', 'execution']])
  })

  it('are about the repository of a source subject, which has to lie within the confinement', () => {
    const own = read(job({ repositories: [OWN] }), {}, `git+https://${OWN}@${COMMIT}`)
    assert.deepEqual([own.repository, own.verified.includes('repository')], [OWN, true])
    assert.throws(() => read(job({ repositories: [OWN] }), {}, `git+https://github.com/acme/other@${COMMIT}`), {
      code: 'outside_confinement',
    })
  })

  it('are declared where no claims prove them, all but the repository that a token is confined to', () => {
    const confined = read(accessOf([], { repositories: ['acme/cart'] }), { actor: 'ann', commit: COMMIT })
    assert.deepEqual([confined.repository, confined.verified, confined.declared], ['acme/cart', ['repository'], ['actor', 'commit']])
    assert.equal(confined.identity, null)
    const free = read(accessOf([]), { repository: 'acme/cart' })
    assert.deepEqual([free.repository, free.verified, free.declared], ['acme/cart', [], ['repository']])
  })
})
