import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { directoryPart } from '../../../../src/evidence/parsers/directory-part.ts'

describe('the part that a scan of a directory is about', () => {
  it('is the same on every machine', () => {
    for (const path of ['.', './', './/.', './/']) assert.equal(directoryPart(path), '.', path)
    for (const path of ['services/a', './services/a', 'services/a/', '././services/a'])
      assert.equal(directoryPart(path), 'services/a', path)
    for (const path of ['/one/repo', '/another/place/repo/', 'C:\\third\\repo']) assert.equal(directoryPart(path), 'repo', path)
    assert.equal(directoryPart('/'), '/')
  })
})
