import { deepEqual, equal, rejects } from 'node:assert/strict'
import { describe, it } from 'node:test'

import type { Digest } from '../../../../src/core/digest.ts'
import type { Access } from '../../../../src/core/principal.ts'
import type { Binding, PackManifest } from '../../../../src/policy/model.ts'
import { policyActivation, policyRemoval } from '../../../../src/policy/versions/policy-changes.ts'
import type { VersionFaults } from '../../../../src/policy/versions/runnable-versions.ts'
import type { ListedHead, PolicyVersion } from '../../../../src/policy/versions/version.ts'

const digest = (n: number): Digest => `sha256:${String(n).repeat(64)}`
const [ONE, TWO, BROKEN, PINNED] = [digest(1), digest(2), digest(3), digest(4)]
const META = { by: { id: 'p', name: 'ann' }, cause: { actor: 'p', at: '2026-03-01T00:00:00.000Z', requestId: 'r' } }
const NOBODY = {} as Access

function head(name: string, over: Partial<ListedHead> = {}): ListedHead {
  const times = { createdAt: META.cause.at, updatedAt: META.cause.at, updatedBy: 'ann' }
  return { name, origin: 'custom', latest: ONE, ...times, versionCount: 2, newest: TWO, ...over }
}

function version(name: string, of: Digest): PolicyVersion {
  const parameters = { type: 'object', additionalProperties: false, properties: { limit: { type: 'integer' } } }
  return { manifest: { name, digest: of, parameters } as unknown as PackManifest } as PolicyVersion
}

function binding(over: Partial<Binding>): Binding {
  return { name: 'b', pack: 'house', version: 'latest', parameters: {}, mode: 'enforce', revision: 7, ...over } as Binding
}

function parts(bindings: Binding[] = []) {
  const faults: VersionFaults = new Map([[BROKEN, 'it calls what is not offered.']])
  return {
    store: {
      heads: async () => [head('house'), head('tests', { origin: 'shipped' })],
      find: async (wanted: readonly { name: string; digest: Digest }[]) =>
        wanted.filter((each) => [ONE, TWO, BROKEN].includes(each.digest)).map((each) => version(each.name, each.digest)),
    },
    bindings: { all: async () => bindings },
    versions: {
      during: async <Result>(wanted: readonly { digest: Digest }[], task: (found: VersionFaults) => Promise<Result>) =>
        task(new Map([...faults].filter(([of]) => wanted.some((each) => each.digest === of)))),
    },
  }
}

function plan(bindings: Binding[], to: Digest = TWO, over: object = {}) {
  return policyActivation(parts(bindings)).plan(NOBODY, { name: 'house', digest: to, ...over }, META)
}

describe('Moving latest', () => {
  it('is checked against the bindings that follow it, at the revision that they have', async () => {
    const pinned = binding({ name: 'pinned', version: PINNED, parameters: { other: true } })
    const elsewhere = binding({ name: 'elsewhere', pack: 'tests', parameters: { other: true } })
    const { before, after, effect } = await plan([binding({ parameters: { limit: 3 } }), pinned, elsewhere], TWO, { reason: 'It burns.' })
    deepEqual([before, after], [{ latest: ONE }, { latest: TWO }])
    const args = { name: 'house', to: TWO, by: 'ann', reason: 'It burns.', checked: [{ name: 'b', revision: 7 }], cause: META.cause }
    deepEqual(effect, { operation: 'activatePolicy', args })
  })

  it('is refused where parameters of such a binding do not fit', async () => {
    const unfit = [binding({ parameters: { other: 1 } }), binding({ name: 'c', parameters: { limit: 'x' } }), binding({ name: 'd' })]
    await rejects(plan(unfit), (error: Error & { code?: string }) => {
      equal(error.code, 'policy_bindings_unfit')
      return error.message.includes('b, c') && !error.message.includes('d,')
    })
  })

  it('is refused to a version that is not there or cannot be run', async () => {
    await rejects(plan([], PINNED), { code: 'policy_not_found', field: 'path.digest' })
    await rejects(plan([], TWO, { name: 'nothing' }), { code: 'policy_not_found', field: 'path.name' })
    await rejects(plan([], BROKEN), { code: 'policy_version_unusable' })
    await rejects(plan([], TWO, { reason: 'two\nlines' }), { code: 'policy_reason_invalid' })
  })

  it('takes a second person where bindings that count follow it, and it moves', async () => {
    const guards = [[], [binding({ mode: 'shadow' })], [binding({ version: PINNED })], [binding({ mode: 'warn' })], [binding({})]]
    deepEqual(await Promise.all(guards.map(async (bindings) => (await plan(bindings)).guarded)), [
      false,
      false,
      false,
      'loosening',
      'loosening',
    ])
    equal((await plan([binding({})], ONE)).guarded, false)
  })
})

describe('Deleting a policy', () => {
  const removal = (name: string, bindings: Binding[] = []) => policyRemoval(parts(bindings)).plan(NOBODY, { name }, META)

  it('takes a second person, and is refused while a binding names it, pinned ones too', async () => {
    equal((await removal('house')).guarded, 'loosening')
    await rejects(removal('house', [binding({ version: PINNED, mode: 'shadow' })]), { code: 'policy_in_use' })
    await rejects(removal('tests'), { code: 'policy_shipped' })
    await rejects(removal('nothing'), { code: 'policy_not_found' })
  })
})
