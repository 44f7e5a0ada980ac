import { describe, it } from 'node:test'
import assert from 'node:assert/strict'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { sha256Digest } from '../../../../src/core/digest.ts'
import { packDigest } from '../../../../src/policy/engine/pack-digest.ts'
import type { PackManifest } from '../../../../src/policy/model.ts'
import { loadPacks } from '../../../../src/policy/engine/load-packs.ts'
import { compilePack } from '../../../../src/policy/engine/compiled-pack.ts'

const DIST = join(import.meta.dirname, '../../../../policies/dist')

async function withCopy(change: (folder: string) => Promise<void>, check: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-dist-'))
  try {
    await cp(DIST, folder, { recursive: true })
    await change(folder)
    await check(folder)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function editManifest(folder: string, edit: (manifest: Record<string, unknown>) => void): Promise<void> {
  const path = join(folder, 'coverage/pack.json')
  const manifest = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
  edit(manifest)
  await writeFile(path, JSON.stringify(manifest))
}

const refuses = async (folder: string): Promise<void> => assert.rejects(loadPacks(folder), { code: 'pack_damaged' })

describe('loading the compiled packs', () => {
  it('finds every shipped pack, and the engine can run each', async () => {
    const packs = await loadPacks(DIST)
    const names = packs.map(({ manifest }) => manifest.name)
    for (const name of ['change-window', 'coverage', 'findings', 'tests', 'vulnerabilities']) assert.ok(names.includes(name), name)
    for (const pack of packs) assert.equal((await compilePack(pack)).digest, pack.manifest.digest)
  })

  it('refuses a compiled policy that was changed', () =>
    withCopy(async (folder) => {
      const path = join(folder, 'coverage/policy.wasm')
      const bytes = await readFile(path)
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
      await writeFile(path, bytes)
    }, refuses))

  it('refuses data that is missing or was changed', async () => {
    const digest = sha256Digest('{"a":1}')
    const withData = (text: string | null) => async (folder: string) => {
      await editManifest(folder, (manifest) => {
        manifest['dataDigest'] = digest
        manifest['digest'] = packDigest(manifest as unknown as PackManifest)
      })
      if (text !== null) await writeFile(join(folder, 'coverage/data.json'), text)
    }
    await withCopy(withData('{"a":1}'), async (folder) => {
      const packs = await loadPacks(folder)
      assert.equal(packs.find(({ manifest }) => manifest.name === 'coverage')?.data, '{"a":1}')
    })
    await withCopy(withData('{"a":2}'), refuses)
    await withCopy(withData(null), refuses)
  })

  it('refuses a manifest whose parameters, rules or entry point were changed', async () => {
    for (const field of ['parameters', 'rules', 'entrypoint', 'classes', 'opa']) {
      await withCopy(
        (folder) =>
          editManifest(
            folder,
            (manifest) => (manifest[field] = field === 'parameters' ? {} : field === 'entrypoint' || field === 'opa' ? 'x' : []),
          ),
        refuses,
      )
    }
  })

  it('refuses a manifest that is missing, not JSON, incomplete or of another pack', async () => {
    await withCopy((folder) => rm(join(folder, 'coverage/pack.json')), refuses)
    await withCopy((folder) => rm(join(folder, 'coverage/policy.wasm')), refuses)
    await withCopy((folder) => writeFile(join(folder, 'coverage/pack.json'), '{'), refuses)
    await withCopy((folder) => editManifest(folder, (manifest) => delete manifest['digest']), refuses)
    await withCopy((folder) => editManifest(folder, (manifest) => (manifest['name'] = 'tests')), refuses)
  })

  it('refuses a folder that is not there', () => refuses(join(DIST, 'nowhere')))
})
