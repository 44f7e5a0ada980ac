import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, it } from 'node:test'

import { closedDirectory, reachable } from '../../support/reachable-package.ts'

/** A package below a directory of this mode. */
function installed(name: string, mode: number): { directory: string; main: string } & Disposable {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'portcullis-reach-')))
  const root = join(directory, 'node_modules', name)
  mkdirSync(join(root, 'dist'), { recursive: true })
  writeFileSync(join(root, 'package.json'), JSON.stringify({ name, type: 'module', exports: './dist/index.js' }))
  writeFileSync(join(root, 'dist/index.js'), 'export const here = import.meta.url\n')
  chmodSync(directory, mode)
  return { directory, main: join(root, 'dist/index.js'), [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true }) }
}

describe('A package that another user is to run', () => {
  it('is copied to where everybody gets to if its directory is closed', async () => {
    using place = installed('closed-package', 0o700)
    assert.equal(closedDirectory(place.main), place.directory)
    const remove = reachable('closed-package', place.main)
    const { here } = (await import(['closed', 'package'].join('-'))) as { here: string }
    const copy = fileURLToPath(here)
    assert.notEqual(copy, place.main)
    assert.equal(closedDirectory(copy), undefined)
    remove()
    assert.ok(!existsSync(copy))
  })

  it('stays where it is if everybody gets there', () => {
    using place = installed('open-package', 0o755)
    assert.equal(closedDirectory(place.main), undefined)
    reachable('open-package', place.main)()
    assert.ok(existsSync(place.main))
  })

  it('cannot be brought within reach where temporary files are closed too, and the message says what to do', () => {
    using place = installed('third-package', 0o700)
    const before = process.env['TMPDIR']
    process.env['TMPDIR'] = place.directory
    try {
      assert.throws(() => reachable('third-package', place.main), /TMPDIR/)
    } finally {
      if (before === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = before
    }
  })
})
