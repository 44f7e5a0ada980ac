import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { Project } from '../../../src/ownership/model.ts'
import { requireOwnsNothing, requirePlaceFor, requireRoomForTeam } from '../../../src/ownership/place.ts'
import { project, team } from '../../storage/samples.ts'

const TEAM = { ...team(), revision: 1 }

function stored(over: Partial<Project>): Project {
  return { ...project({ repositories: [], namespaces: [], ...over }), revision: 1 }
}

function place(wanted: Partial<Project>, ...others: Partial<Project>[]): void {
  const known = { projects: others.map((other, at) => stored({ name: `other-${at}`, ...other })), teams: [TEAM] }
  requirePlaceFor(stored({ name: 'wanted', ...wanted }), known)
}

describe('The place of a project', () => {
  it('is refused where a repository could belong to another one too', () => {
    const pairs: [string, string][] = [
      ['acme/cart', 'acme/cart'],
      ['acme/*', 'acme/cart'],
      ['github.com/acme/cart', 'acme/cart'],
      ['github.com/Acme/Cart', 'github.com/acme/*'],
      ['acme/web-*', 'acme/*-api'],
      ['**', 'gitlab.example.com/a/b/c'],
    ]
    for (const [left, right] of pairs) {
      for (const [mine, theirs] of [
        [left, right],
        [right, left],
      ] as const) {
        assert.throws(() => place({ repositories: ['x/y', mine] }, { namespaces: ['eu/shop'] }, { repositories: ['q/r', theirs] }), {
          code: 'project_overlaps',
          field: 'body.repositories',
          message: /"other-1"/,
        })
      }
    }
  })

  it('is free beside what can share no repository', () => {
    place(
      { repositories: ['github.com/acme/cart', 'acme/web-*'] },
      { repositories: ['github.com/acme/cart-evil', 'gitlab.com/acme/cart', 'acme/cart/sub'] },
      { repositories: ['acme-evil/*', 'acme/app-*'] },
    )
  })

  it('is refused where a namespace belongs to another one', () => {
    for (const [mine, theirs] of [
      ['eu/shop', 'eu/shop'],
      ['eu/*', 'eu/shop'],
      ['eu/shop', 'eu/*'],
      ['eu/*', 'eu/*'],
    ] as const) {
      assert.throws(() => place({ namespaces: ['us/shop', mine] }, { namespaces: [theirs] }), {
        code: 'project_overlaps',
        field: 'body.namespaces',
      })
    }
    place({ namespaces: ['eu/shop', 'us/*'] }, { namespaces: ['eu/shop-2', 'us-2/shop', 'eu-2/*'] })
  })

  it('is its own, whatever it held before', () => {
    place({ repositories: ['acme/*'], namespaces: ['eu/*'] }, { name: 'wanted', repositories: ['acme/cart'], namespaces: ['eu/shop'] })
  })

  it('needs owners that exist', () => {
    assert.throws(() => place({ owners: ['shoppers', 'ghosts'] }), { code: 'team_unknown', field: 'body.owners', message: /"ghosts"/ })
  })

  it('is one of a thousand at most, as a team is', () => {
    const projects = Array.from({ length: 1000 }, (_, at) => stored({ name: `p${at}`, namespaces: [`c/n${at}`] }))
    assert.throws(() => requirePlaceFor(stored({ name: 'more' }), { projects, teams: [TEAM] }), { code: 'projects_too_many' })
    requirePlaceFor(stored({ name: 'p7' }), { projects, teams: [TEAM] })
    const teams = Array.from({ length: 1000 }, (_, at) => ({ ...TEAM, name: `t${at}` }))
    assert.throws(() => requireRoomForTeam('more', { projects: [], teams }), { code: 'teams_too_many' })
    requireRoomForTeam('t7', { projects: [], teams })
  })

  it('keeps its owners from being removed, and names up to ten', () => {
    const projects = Array.from({ length: 12 }, (_, at) => stored({ name: `p${at}`, owners: ['other', 'shoppers'] }))
    assert.throws(() => requireOwnsNothing('shoppers', { projects, teams: [TEAM] }), {
      code: 'team_owns_projects',
      message: /p0, p1, .*p9 and 2 more/,
    })
    requireOwnsNothing('free', { projects, teams: [TEAM] })
  })
})
