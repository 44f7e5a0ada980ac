import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readSelectors, type SelectorDraft } from '../../../src/policy/selectors.ts'

const read = (draft: SelectorDraft) => readSelectors(draft, new Set(['shop']))

function refuses(draft: SelectorDraft, field: string, message: RegExp): void {
  assert.throws(() => read(draft), { code: 'selector_malformed', field: `body.${field}`, message }, JSON.stringify(draft))
}

describe('the selectors of a binding', () => {
  it('are kept as lists', () => {
    assert.deepEqual(read({ stage: 'Production', environment: ['!test', '!staging'], repository: 'acme/**', labels: { a: 'b' } }), {
      stage: ['Production'],
      environment: ['!test', '!staging'],
      repository: ['acme/**'],
      labels: { a: 'b' },
    })
    assert.deepEqual(read({}), {})
  })

  it('that no stage or environment can have as its name are refused', () => {
    for (const field of ['stage', 'environment'] as const) {
      for (const name of ['', '!', '!!source', 'prod uction', ' production', '-x', 'x'.repeat(64), 'größe'])
        refuses({ [field]: name }, field, /no name/)
      for (const name of ['prod*', '*', '**', '!*']) refuses({ [field]: ['build', name] }, field, /wildcard/)
      refuses({ [field]: [] }, field, /empty/)
    }
  })

  it('that name and exclude the same, in whatever letter case, are refused', () => {
    refuses({ stage: ['production', '!production'] }, 'stage', /both named and excluded/)
    refuses({ environment: ['eu', 'us', '!EU'] }, 'environment', /both named and excluded/)
  })

  it('that no repository can match, or that cost too much to match, are refused', () => {
    refuses({ repository: '*' }, 'repository', /names no owner/)
    refuses({ repository: ['acme/cart', ''] }, 'repository', /is empty/)
    refuses({ repository: '!acme/cart' }, 'repository', /cannot be excluded/)
    refuses({ repository: ['acme//cart'] }, 'repository', /part without a name/)
    refuses({ repository: `acme/${'*a'.repeat(200)}` }, 'repository', /longer/)
    refuses({ repository: `acme/${'*a'.repeat(20)}` }, 'repository', /wildcards/)
  })

  it('name teams that exist, and sources by globs', () => {
    assert.deepEqual(read({ team: 'shop', source: 'acme/*' }), { team: ['shop'], source: ['acme/*'] })
    refuses({ team: ['shop', 'pay'] }, 'team', /no team "pay"/)
    refuses({ team: [] }, 'team', /empty/)
    refuses({ source: 'acme' }, 'source', /acme/)
  })
})
