import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'

import { sha256Digest, type Digest } from '../../core/digest.ts'
import { checkPack } from '../../policy/engine/load-packs.ts'
import type { NewVersion, PolicyStore } from '../../policy/versions/ports.ts'
import type { ListedHead, PolicyVersion } from '../../policy/versions/version.ts'
import { requireDigest } from '../blobs/digest-check.ts'
import type { StoredVersion } from '../operations/policies.ts'
import type { WriterClient } from '../writer/client.ts'
import { cursorKey, pageOf } from './cursor.ts'
import type { RevisionReader } from './revisions.ts'
import type { ReadSession, Row } from './session.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)
const LEVEL = 3

const HEADS = `select p.name, p.origin, p.latest, p.created_at, p.updated_at, p.updated_by,
    (select count(*) from policy_versions v where v.name = p.name) as versions,
    (select v.digest from policy_versions v where v.name = p.name order by v.no desc limit 1) as newest
  from policies p order by p.name`

/** Policies and their versions; every change is a log entry. */
export function policyStore(session: ReadSession, writer: WriterClient, revisions: RevisionReader): PolicyStore {
  const blob = async (digest: Digest): Promise<Uint8Array | undefined> => {
    const [row] = await session.all('select body from policy_blobs where digest = ?', [digest])
    return row && requireDigest(digest, await decompress(row['body'] as Uint8Array))
  }
  return {
    revision: () => revisions.current('policies'),
    heads: async () => (await session.all(HEADS)).map(headOf),
    versions: async (name, page) => {
      const after = cursorKey(page.after)
      const rows = await session.all(`select no, record from policy_versions where name = ? and no < ? order by no desc limit ?`, [
        name,
        after ?? Number.MAX_SAFE_INTEGER,
        page.limit + 1,
      ])
      return pageOf(rows, page, (row) => Number(row['no']), versionOf)
    },
    find: async (wanted) => {
      const digests = [...new Set(wanted.map(({ digest }) => digest))]
      const rows = await session.all(`select record from policy_versions where ${session.oneOf('digest')}`, [digests])
      const keys = new Set(wanted.map(({ name, digest }) => `${name} ${digest}`))
      return rows.map(versionOf).filter(({ manifest }) => keys.has(`${manifest.name} ${manifest.digest}`))
    },
    pack: async ({ manifest }) => {
      const { wasmDigest, dataDigest } = manifest
      const [wasm, data] = await Promise.all([blob(wasmDigest), dataDigest === null ? null : blob(dataDigest)])
      return checkPack(manifest, wasm, data ?? null)
    },
    bundle: blob,
    publish: async (version, entry, idempotency) => {
      const stored = await storedForm(version)
      return writer.submit('publishPolicy', { stored, entry, idempotency }, weightOf(stored))
    },
    register: async (versions, cause) => {
      const stored = await Promise.all(versions.map(storedForm))
      return writer.submit(
        'registerPolicies',
        { versions: stored, cause },
        stored.reduce((sum, each) => sum + weightOf(each), 0),
      )
    },
    remove: (name, entry) => writer.submit('removePolicy', { name, entry }),
  }
}

function headOf(row: Row): ListedHead {
  return {
    name: String(row['name']),
    origin: row['origin'] as ListedHead['origin'],
    latest: row['latest'] as Digest | null,
    createdAt: String(row['created_at']),
    updatedAt: String(row['updated_at']),
    updatedBy: String(row['updated_by']),
    versionCount: Number(row['versions']),
    newest: row['newest'] as Digest,
  }
}

function versionOf(row: Row): PolicyVersion {
  return JSON.parse(String(row['record'])) as PolicyVersion
}

async function storedForm({ version, pack, bundle }: NewVersion): Promise<StoredVersion> {
  const parts = [pack.wasm, pack.data === null ? null : Buffer.from(pack.data), bundle].filter((bytes) => bytes !== null)
  const blobs = await Promise.all(
    parts.map(async (bytes) => {
      const body = await compress(bytes, { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } })
      return { digest: sha256Digest(bytes), body }
    }),
  )
  return { version, blobs }
}

function weightOf({ blobs }: StoredVersion): number {
  return blobs.reduce((sum, { body }) => sum + body.byteLength, 0)
}
