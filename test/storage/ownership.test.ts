import assert from 'node:assert/strict'
import { it } from 'node:test'

import { projectRecord, removalRecord, teamRecord } from '../../src/ownership/records.ts'
import type { Project, Team } from '../../src/ownership/model.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { forEachEngine } from '../support/storage.ts'
import { assertIntactLog } from './intact-log.ts'
import { draft, project, team } from './samples.ts'

function putProject({ ownership }: Storage, over: Partial<Project> = {}) {
  const given = project(over)
  return ownership.putProject(given, draft('project.changed', projectRecord(given)))
}

function putTeam({ ownership }: Storage, over: Partial<Team> = {}) {
  const given = team(over)
  return ownership.putTeam(given, draft('team.changed', teamRecord(given)))
}

function removeProject({ ownership }: Storage, name: string): Promise<boolean> {
  return ownership.removeProject(name, draft('project.removed', removalRecord('project', name)))
}

function removeTeam({ ownership }: Storage, name: string): Promise<boolean> {
  return ownership.removeTeam(name, draft('team.removed', removalRecord('team', name)))
}

await forEachEngine('Projects and teams', ({ open, place }) => {
  it('count their changes, raise the revision and are read back, by name', async () => {
    const where = await place()
    {
      await using storage = await open(where)
      const start = await storage.ownership.revision()
      assert.deepEqual(await putTeam(storage), { team: { ...team(), revision: 1 }, created: true })
      const raised = await storage.ownership.revision()
      assert.ok(raised > start)
      assert.deepEqual(await putProject(storage), { project: { ...project(), revision: 1 }, created: true })
      assert.deepEqual(await putProject(storage, { contact: 'chat #cart' }), {
        project: { ...project({ contact: 'chat #cart' }), revision: 2 },
        created: false,
      })
      assert.ok((await storage.ownership.revision()) > raised)
      await putProject(storage, { name: 'cart', repositories: ['acme/cart'], namespaces: [] })
    }
    await using storage = await open(where)
    const { projects, teams } = await storage.ownership.all()
    assert.deepEqual(
      projects.map(({ name, revision, contact }) => [name, revision, contact]),
      [
        ['cart', 1, null],
        ['shop', 2, 'chat #cart'],
      ],
    )
    assert.deepEqual(teams, [{ ...team(), revision: 1 }])
    await assertIntactLog(storage)
  })

  it('are removed with an entry, and go on counting when made again', async () => {
    await using storage = await open()
    await putTeam(storage)
    await putProject(storage)
    assert.equal(await removeProject(storage, 'shop'), true)
    assert.equal(await removeProject(storage, 'shop'), false)
    assert.equal((await putProject(storage)).project.revision, 3)
    await removeProject(storage, 'shop')
    assert.equal(await removeTeam(storage, 'shoppers'), true)
    assert.equal(await removeTeam(storage, 'shoppers'), false)
    assert.deepEqual(await storage.ownership.all(), { projects: [], teams: [] })
    assert.deepEqual(
      (await storage.log.entries({}, { limit: 20 })).items.map(({ leaf }) => (JSON.parse(leaf) as { type: string }).type),
      ['log.created', 'team.changed', 'project.changed', 'project.removed', 'project.changed', 'project.removed', 'team.removed'],
    )
  })

  it('are refused without a trace where another has the place, also when both come at once', async () => {
    await using storage = await open()
    await putTeam(storage)
    const { size } = await storage.log.head()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) => putProject(storage, { name: `p${n}`, namespaces: [], repositories: ['code.example/Acme/*'] })),
    )
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') assert.equal((outcome.reason as { code: string }).code, 'project_overlaps')
    }
    await assert.rejects(putProject(storage, { name: 'late', repositories: ['acme/till'], namespaces: [] }), {
      code: 'project_overlaps',
      message: /"p\d"/,
    })
    await assert.rejects(putProject(storage, { name: 'late', owners: ['nobody'] }), { code: 'team_unknown', field: 'body.owners' })
    assert.equal((await storage.log.head()).size, size + 1)
  })

  it('do not lose their owners: neither by a removal nor by one that comes at the same time', async () => {
    await using storage = await open()
    await putTeam(storage)
    const [removed, made] = await Promise.allSettled([removeTeam(storage, 'shoppers'), putProject(storage)])
    assert.equal([removed, made].filter(({ status }) => status === 'fulfilled').length, 1)
    await putTeam(storage)
    await putProject(storage)
    await assert.rejects(removeTeam(storage, 'shoppers'), { code: 'team_owns_projects', message: /shop/ })
  })
})
