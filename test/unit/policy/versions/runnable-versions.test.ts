import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { AppError } from '../../../../src/core/app-error.ts'
import type { Digest } from '../../../../src/core/digest.ts'
import type { PackManifest } from '../../../../src/policy/model.ts'
import { RunnableVersions } from '../../../../src/policy/versions/runnable-versions.ts'
import type { PolicyVersion } from '../../../../src/policy/versions/version.ts'

const digest = (n: number): Digest => `sha256:${n}`
const wanted = (...numbers: number[]) => numbers.map((n) => ({ name: 'house', digest: digest(n) }))

/** Versions below 1000 are in the store; the engine refuses number 13 and can't read number 14 the first time. */
function parts() {
  const engine = new Set<Digest>()
  const reads: Digest[] = []
  const versions = new RunnableVersions({
    store: {
      find: async (all) =>
        all
          .filter((each) => Number(each.digest.slice(7)) < 1000)
          .map((each) => ({ manifest: { name: each.name, digest: each.digest } as PackManifest }) as PolicyVersion),
      pack: async ({ manifest }) => {
        reads.push(manifest.digest)
        if (manifest.digest === digest(14) && reads.filter((each) => each === digest(14)).length === 1) {
          throw new AppError('storage_unavailable', 'Not now.')
        }
        if (manifest.digest === digest(15)) throw new AppError('pack_damaged', 'The pack is damaged.')
        return { manifest, wasm: new Uint8Array(), data: null }
      },
    },
    engine: {
      load: async (packs) => {
        const refused = packs.filter(({ manifest }) => manifest.digest === digest(13))
        for (const { manifest } of packs) if (!refused.some((pack) => pack.manifest === manifest)) engine.add(manifest.digest)
        return new Map(refused.map(({ manifest }) => [manifest.digest, 'it calls what is not offered']))
      },
      unload: async (digests) => {
        for (const each of digests) engine.delete(each)
      },
    },
    shipped: [digest(0)],
  })
  return { versions, engine, reads }
}

describe('the versions that can be run', () => {
  it('are loaded once, and the shipped ones never', async () => {
    const { versions, engine, reads } = parts()
    assert.deepEqual(await versions.hold('bindings', wanted(0, 1, 2, 1)), new Map())
    assert.deepEqual(await versions.hold('bindings', wanted(2, 3)), new Map())
    assert.deepEqual(reads, [digest(1), digest(2), digest(3)])
    assert.ok(engine.has(digest(1)), 'a decision may still be on its way to it')
  })

  it('tell which of them can’t be, and hold the others', async () => {
    const { versions, engine } = parts()
    const faults = await versions.hold('bindings', wanted(1, 13, 15, 4000))
    assert.deepEqual(
      [...faults],
      [
        [digest(13), 'it calls what is not offered'],
        [digest(15), 'The pack is damaged.'],
        [digest(4000), 'there is no such version'],
      ],
    )
    assert.deepEqual([...engine], [digest(1)])
  })

  it('are asked for again after the store could not be read', async () => {
    const { versions, engine } = parts()
    await assert.rejects(versions.hold('bindings', wanted(14)), { code: 'storage_unavailable' })
    assert.deepEqual(await versions.hold('bindings', wanted(14)), new Map())
    assert.deepEqual([...engine], [digest(14)])
  })

  it('stay while somebody holds them, and go when too many are idle', async () => {
    const { versions, engine } = parts()
    await versions.hold('bindings', wanted(1))
    for (let n = 100; n < 180; n++) {
      await versions.during(wanted(n), async (faults) => {
        assert.equal(faults.size, 0)
        assert.ok(engine.has(digest(n)))
      })
    }
    assert.ok(engine.has(digest(1)))
    assert.ok(engine.has(digest(179)))
    assert.ok(!engine.has(digest(100)))
    assert.ok(engine.size <= 33)
  })

  it('are let go of when the task fails', async () => {
    const { versions, engine } = parts()
    const failing = versions.during(wanted(1), () => Promise.reject(new Error('no')))
    await assert.rejects(failing, { message: 'no' })
    for (let n = 100; n < 140; n++) await versions.during(wanted(n), async () => undefined)
    assert.ok(!engine.has(digest(1)))
  })

  it('are bounded', async () => {
    const { versions, engine } = parts()
    const faults = await versions.hold('bindings', wanted(...Array.from({ length: 600 }, (_, n) => n + 20)))
    assert.deepEqual([engine.size, faults.size], [500, 100])
    assert.deepEqual(new Set(faults.values()), new Set(['too many versions are in use']))
  })

  it('are neither lost nor loaded twice when many ask at once', async () => {
    const { versions, engine, reads } = parts()
    await Promise.all(
      Array.from({ length: 20 }, (_, n) => versions.during(wanted(1, 2, n % 5), async () => assert.ok(engine.has(digest(1))))),
    )
    assert.equal(new Set(reads).size, reads.length)
  })
})
