import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { Confinement } from '../../../src/core/principal.ts'
import { applicableBindings } from '../../../src/decisions/applicable-bindings.ts'
import type { Binding, BindingSelector } from '../../../src/policy/model.ts'

interface Asked {
  stage?: string
  environment?: string
  confinement?: Confinement
  sources?: readonly string[]
}

const OWNED: Readonly<Record<string, readonly string[]>> = { shop: ['acme/*'], idle: [] }

function applies(selector: BindingSelector, asked: Asked = {}): boolean {
  const binding: Binding = {
    name: 'b',
    pack: 'tests',
    version: 'latest',
    parameters: {},
    mode: 'enforce',
    validFor: 'P7D',
    revision: 1,
    updatedAt: '2026-11-20T10:00:00.000Z',
    updatedBy: 'admin',
    ...selector,
  }
  const { stage = 'production', environment = stage, confinement = {}, sources = [] } = asked
  const place = { stage, environment, confinement, sources, repositoriesOf: (team: string) => OWNED[team] }
  return applicableBindings([binding], place).length === 1
}

describe('where a binding applies', () => {
  it('applies everywhere without selectors', () => assert.ok(applies({})))

  it('applies to the stages it lists, and to all but those that it excludes', () => {
    assert.ok(applies({ stage: ['staging', 'production'] }))
    assert.ok(!applies({ stage: ['staging'] }))
    assert.ok(applies({ stage: ['!source', '!admission'] }))
    assert.ok(!applies({ stage: ['!source', '!admission'] }, { stage: 'admission' }))
  })

  it('applies at stage rollback only where it names that stage, in any letter case', () => {
    for (const stage of ['rollback', 'Rollback']) {
      assert.ok(applies({ stage: ['production', 'rollback'] }, { stage }), stage)
      for (const selector of [{}, { stage: ['production'] }, { stage: ['!source'] }, { stage: ['!rollback'] }])
        assert.ok(!applies(selector, { stage }), stage)
      assert.ok(!applies({ stage: ['rollback'], environment: ['staging'] }, { stage, environment: 'production' }), stage)
    }
  })

  it('applies to a stage or environment in any letter case, and spares only the exact name that it excludes', () => {
    for (const stage of ['Production', 'PRODUCTION', 'production']) {
      assert.ok(applies({ stage: ['production'] }, { stage }), stage)
      assert.ok(applies({ environment: ['production'] }, { stage: 'deploy', environment: stage }), stage)
    }
    assert.ok(applies({ stage: ['Production'] }, { stage: 'production' }))
    assert.ok(applies({ stage: ['!source'] }, { stage: 'Source' }))
    assert.ok(!applies({ stage: ['!source'] }, { stage: 'source' }))
  })

  it('tells environments of one stage apart', () => {
    assert.ok(applies({ environment: ['eu'] }, { environment: 'eu' }))
    assert.ok(!applies({ environment: ['eu'] }, { environment: 'us' }))
  })

  it('applies whatever repository an unconfined asker declares', () => assert.ok(applies({ repository: ['acme/*'] })))

  it("is excluded only by the confinement of the asker's token", () => {
    assert.ok(!applies({ repository: ['acme/*'] }, { confinement: { repositories: ['other/app'] } }))
    assert.ok(applies({ repository: ['acme/*'] }, { confinement: { repositories: ['acme/app'] } }))
    assert.ok(applies({ repository: ['acme/app'] }, { confinement: { repositories: ['acme/*'] } }))
    assert.ok(!applies({ repository: ['acme/app'] }, { confinement: { repositories: ['other/*'] } }))
    assert.ok(applies({ repository: ['acme/app'] }, { confinement: { repositories: ['**'] } }))
    assert.ok(
      applies({ repository: ['github.com/acme/*'] }, { confinement: { repositories: ['Acme/App'] } }),
      'whatever the case, on any host',
    )
  })

  it('applies whatever labels are declared', () => assert.ok(applies({ labels: { tier: '1' } })))

  it('applies to the repositories of a team, and spares only who is confined to those of others', () => {
    const [own, other] = [{ confinement: { repositories: ['acme/app'] } }, { confinement: { repositories: ['other/app'] } }]
    assert.deepEqual(
      [applies({ team: ['shop'] }), applies({ team: ['shop'] }, own), applies({ team: ['shop'] }, other)],
      [true, true, false],
    )
    assert.ok(!applies({ team: ['idle'] }, own), 'a team that owns nothing')
    assert.ok(applies({ team: ['shop', 'gone'] }, other), 'a team that is gone')
  })

  it('applies to the sources it lists, and is excluded only by a proven one', () => {
    const [own, other] = [['github.com/acme/app'], ['github.com/other/app']]
    assert.deepEqual(
      [[], own, other, [...other, ...own]].map((sources) => applies({ source: ['acme/*'] }, { sources })),
      [true, true, false, true],
    )
  })
})
