import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readProject, type ProjectDraft } from '../../../src/ownership/read-project.ts'
import { readTeam } from '../../../src/ownership/read-team.ts'

describe('A project as it is written', () => {
  const refused = (draft: Partial<ProjectDraft>, field: string): void => {
    assert.throws(() => readProject({ repositories: ['acme/cart'], owners: ['t'], ...draft }), {
      code: 'project_invalid',
      field: `body.${field}`,
    })
  }

  it('is kept with its defaults, each name once', () => {
    assert.deepEqual(readProject({ repositories: ['acme/cart', 'acme/cart'], owners: ['b', 'a', 'b'] }), {
      description: '',
      repositories: ['acme/cart'],
      namespaces: [],
      owners: ['b', 'a'],
      contact: null,
    })
    assert.deepEqual(readProject({ namespaces: ['eu/shop', 'us/*'], owners: ['a'] }).namespaces, ['eu/shop', 'us/*'])
  })

  it('is refused if it holds nothing or belongs to nobody', () => {
    refused({ repositories: [] }, 'repositories')
    refused({ owners: [] }, 'owners')
    refused({ owners: [''] }, 'owners')
  })

  it('is refused with repositories that no name can match or that cost too much', () => {
    for (const glob of ['cart', 'https://github.com/acme/cart', '!acme/cart', 'acme/ cart', 'a/*'.repeat(17), 'acme//cart']) {
      refused({ repositories: ['acme/cart', glob] }, 'repositories')
    }
    refused({ repositories: Array.from({ length: 101 }, (_, at) => `acme/r${at}`) }, 'repositories')
  })

  it('is refused with namespaces that are none', () => {
    for (const name of ['shop', 'eu/', '/shop', 'EU/shop', 'eu/Shop', 'eu/sh*', '*/shop', 'eu/shop/x', 'eu/-x', `eu/${'x'.repeat(64)}`]) {
      refused({ namespaces: [name] }, 'namespaces')
    }
  })

  it('is refused with a contact or description that is no line of text', () => {
    for (const contact of ['', ' ', 'a\nb', 'x'.repeat(201), '\ud800']) refused({ contact }, 'contact')
    for (const description of ['a\nb', 'x'.repeat(501)]) refused({ description }, 'description')
  })
})

describe('A team as it is written', () => {
  it('is kept with its defaults, each name once', () => {
    assert.deepEqual(readTeam({ members: ['ann', 'ann'], contact: 'chat #shop' }), {
      description: '',
      members: ['ann'],
      groups: [],
      contact: 'chat #shop',
    })
    assert.deepEqual(readTeam({}).members, [])
  })

  it('is refused with what names nobody', () => {
    for (const [field, draft] of Object.entries({
      members: { members: ['ann', ''] },
      groups: { groups: ['a\0'] },
      contact: { contact: 'a\u0007' },
    })) {
      assert.throws(() => readTeam(draft), { code: 'team_invalid', field: `body.${field}` })
    }
    assert.throws(() => readTeam({ members: Array.from({ length: 201 }, (_, at) => `m${at}`) }), { code: 'team_invalid' })
  })
})
