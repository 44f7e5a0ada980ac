import { deepEqual, equal, ok } from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'

import { PROBLEMS } from '../../src/http/problem.ts'
import { codeBlocks } from '../support/shell.ts'
import { startService, type RunningService } from '../support/service.ts'

const PAGE = readFileSync('docs/logins.md', 'utf8')

describe('docs/logins.md', () => {
  let service: RunningService
  before(async () => {
    service = await startService()
  })
  after(() => service[Symbol.asyncDispose]())

  const sections = PAGE.split(/^### /m).flatMap((section) => {
    const [json] = codeBlocks(section, 'json')
    return json === undefined ? [] : [{ title: section.slice(0, section.indexOf('\n')), body: JSON.parse(json) as { login: object } }]
  })

  it('has an issuer for each provider that it names', () => {
    deepEqual(
      sections.map(({ title }) => title),
      ['Keycloak', 'Microsoft Entra', 'Okta', 'Google', 'Dex'],
    )
  })

  for (const { title, body } of sections) {
    it(`has an issuer for ${title} that is taken as it stands`, async () => {
      const reply = await service.admin.put(`/v1/issuers/${title.toLowerCase().replaceAll(' ', '-')}`, body)
      equal(reply.status, 201, reply.text)
    })
  }

  it('explains codes that exist', () => {
    const table = PAGE.slice(PAGE.indexOf('## If a login is refused'))
    const codes = [...table.matchAll(/^\| `([a-z_]+)`/gm)].map(([, code]) => code ?? '')
    ok(codes.length > 5)
    for (const code of codes) ok(Object.hasOwn(PROBLEMS, code), code)
  })

  it('names settings that exist', () => {
    const config = readFileSync('src/config/config.ts', 'utf8')
    const settings = [...new Set(PAGE.match(/PORTCULLIS_[A-Z_]+/g))]
    ok(settings.length > 3)
    for (const setting of settings) ok(config.includes(setting), setting)
  })
})
