import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

import type { Clock } from '../../core/clock.ts'
import { sha256Digest } from '../../core/digest.ts'
import type { IdempotencyClaim } from '../../core/idempotency.ts'
import type { Principal } from '../../core/principal.ts'
import { writeTar } from '../../core/tar/write-tar.ts'
import { formatInstant } from '../../core/time.ts'
import type { PolicyFinding } from '../authoring/finding.ts'
import type { CompiledPolicy, PolicyCompiler, PolicyUpload } from '../authoring/policy-compiler.ts'
import { PolicyRefusal } from '../authoring/refusal.ts'
import { publishedEntry } from './entries.ts'
import { nameMalformed, nameTaken, policyNotFound } from './errors.ts'
import type { PolicyStore } from './ports.ts'
import type { PolicyVersion } from './version.ts'

const compress = promisify(gzip)

/** What became of an upload. */
export interface PublishedPolicy {
  version: PolicyVersion
  /** False if this very version was there. */
  created: boolean
  /** True if the request was carried out before, under the same Idempotency-Key. */
  repeated: boolean
  /** What its author should know, though it works. */
  warnings: readonly PolicyFinding[]
}

/** By whom and in which request something is uploaded. */
export interface UploadMeta {
  by: Pick<Principal, 'id' | 'name'>
  requestId: string
  idempotency: IdempotencyClaim | undefined
}

/** Makes versions of what people upload. */
export class PolicyUploads {
  readonly #compiler: PolicyCompiler
  readonly #store: Pick<PolicyStore, 'heads' | 'find' | 'publish'>
  readonly #clock: Clock

  constructor(parts: { compiler: PolicyCompiler; store: Pick<PolicyStore, 'heads' | 'find' | 'publish'>; clock: Clock }) {
    this.#compiler = parts.compiler
    this.#store = parts.store
    this.#clock = parts.clock
  }

  /**
   * Checks, compiles and keeps a policy; no binding runs it because of that.
   * @throws {PolicyRefusal} with everything that is wrong with it
   * @throws {AppError} `policy_name_malformed`, `policy_name_taken`, `policies_too_many`, `policy_versions_too_many`, `idempotency_key_reused`
   *   or `overloaded`
   */
  async publish(upload: PolicyUpload, { by, requestId, idempotency }: UploadMeta): Promise<PublishedPolicy> {
    await this.#requireOwnName(upload.name)
    const compiled = await this.#compiler.compile(upload)
    if (!compiled.ok) throw new PolicyRefusal(compiled.findings)
    const bundle = await bundleOf(upload, compiled)
    const at = formatInstant(this.#clock.now())
    const { manifest } = compiled.pack
    const version: PolicyVersion = { manifest, origin: 'custom', bundle: sha256Digest(bundle), createdAt: at, createdBy: by.name }
    const entry = publishedEntry(version, { actor: by.id, at, requestId })
    const { digest, created, repeated } = await this.#store.publish({ version, pack: compiled.pack, bundle }, entry, idempotency)
    const [kept] = await this.#store.find([{ name: upload.name, digest }])
    if (!kept) throw policyNotFound('path.name')
    return { version: kept, created, repeated, warnings: compiled.warnings }
  }

  /** Before anything costs: the store asks again. */
  async #requireOwnName(name: string): Promise<void> {
    if (!NAME.test(name) || RESERVED.has(name)) throw nameMalformed(name)
    const heads = await this.#store.heads()
    if (heads.some((head) => head.name === name && head.origin === 'shipped')) throw nameTaken(name)
  }
}

/** It stands before the dot in the names of rules. */
const NAME = /^(?=.{1,63}$)[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*$/
/** The gate's own violations are named so. */
const RESERVED: ReadonlySet<string> = new Set(['gate'])

/** What can be downloaded, and gives the same version again: an archive as it came, or one of the files of a form. */
async function bundleOf({ contentType, bytes }: PolicyUpload, { sources }: Extract<CompiledPolicy, { ok: true }>): Promise<Uint8Array> {
  if (/^multipart\//i.test(contentType)) return compress(writeTar(sources.map(({ path, text }) => ({ path, bytes: Buffer.from(text) }))))
  const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b
  return isCompressed ? bytes : compress(bytes)
}
