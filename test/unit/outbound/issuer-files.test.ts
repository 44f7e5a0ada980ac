import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'

import { IssuerFileDirectory } from '../../../src/outbound/issuer-files.ts'

describe('The directory for files of issuers', () => {
  const root = mkdtempSync(join(tmpdir(), 'portcullis-issuers-'))
  after(() => rmSync(root, { recursive: true }))
  const directory = join(root, 'issuers')
  mkdirSync(join(directory, '..data'), { recursive: true })
  writeFileSync(join(root, 'secret.json'), 'secret')
  writeFileSync(join(directory, 'keys.json'), '{"keys":[]}')
  writeFileSync(join(directory, '..data', 'mounted'), 'mounted')
  writeFileSync(join(directory, 'long.json'), ' '.repeat(256 * 1024 + 1))
  mkdirSync(join(directory, 'folder'))
  symlinkSync('..data/mounted', join(directory, 'mounted.json'))
  symlinkSync('../secret.json', join(directory, 'out.json'))
  const files = new IssuerFileDirectory(directory)

  it('gives a file in it, also one that is a link inside, as Kubernetes mounts them', async () => {
    assert.equal(await files.read('keys.json'), '{"keys":[]}')
    assert.equal(await files.read('mounted.json'), 'mounted')
  })

  for (const name of [
    '../secret.json',
    join(root, 'secret.json'),
    'out.json',
    '..',
    '.',
    '',
    '..data/mounted',
    'folder',
    'long.json',
    'none.json',
    'keys.json\0',
  ]) {
    it(`gives nothing for ${JSON.stringify(name.replace(root, ''))}`, async () => {
      await assert.rejects(files.read(name))
    })
  }
})
