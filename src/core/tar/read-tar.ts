import { entryPath } from './entry-path.ts'
import { paxRecords, readHeader, type TarHeader } from './tar-header.ts'

/** What is wrong with an archive, for its reader to put into words. */
export class TarError extends Error {
  readonly fault: 'malformed' | 'refused' | 'too_many' | 'empty'
  /** What follows "the archive …", or "the entry …" where one is to blame. */
  readonly what: string
  /** Path of the entry that is to blame, only as far as a person reads; empty for the archive as a whole. */
  readonly entry: string

  constructor(fault: TarError['fault'], what: string, entry = '') {
    super(`${fault}: ${what}`)
    this.fault = fault
    this.what = what
    this.entry = entry.slice(0, 200).toWellFormed()
  }
}

/** How much an archive may hold. */
export interface TarLimits {
  files: number
  /** Of any kind, directories included. */
  entries: number
  /** Takes a path with a leading slash as one below the archive's root, as the bundles of OPA have them. Otherwise it is refused. */
  rooted?: boolean
}

/** A regular file. */
export interface TarFile {
  /** Its path within the archive, without `.` and empty parts. */
  path: string
  bytes: Uint8Array
}

const MAX_PATH_BYTES = 4_096

const BLOCK = 512

/**
 * Reads an attacker-controlled tar archive: ustar, with the names of pax and GNU. Nothing is unpacked to a disk, and no file is larger than the
 * archive, whose size is bounded before.
 * @returns its regular files, each a view of the archive's own bytes
 * @throws {TarError} an archive that is cut off, goes on behind its end, or holds anything but files and directories is refused whole
 */
export function readTar(archive: Uint8Array, limits: TarLimits): TarFile[] {
  const files = new Map<string, TarFile>()
  let extended: Extended = {}
  let at = 0
  for (let entries = 0; ; entries++) {
    const block = archive.subarray(at, at + BLOCK)
    if (block.length < BLOCK) throw malformed(files.size === 0 && at === 0 ? 'is no tar archive' : 'is cut off')
    if (isZero(block, 0)) break
    if (entries >= limits.entries) throw new TarError('too_many', `${limits.entries} entries`)
    const header = readHeader(block)
    if (!header) throw malformed(at === 0 ? 'is no tar archive' : `has a broken header at byte ${at}`)
    const size = extended.size ?? header.size
    const content = archive.subarray(at + BLOCK, at + BLOCK + size)
    if (content.length < size) throw malformed('is cut off')
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK
    const more = extensionOf(header, content, extended)
    if (!more) addEntry(files, header, content, extended, limits)
    extended = more ?? {}
  }
  if (Object.keys(extended).length > 0) throw malformed('is cut off')
  if (!isZero(archive, at)) throw malformed('goes on behind its end; archives that were joined are not read')
  if (files.size === 0) throw new TarError('empty', 'holds no file')
  return [...files.values()]
}

/** What the entries before a file say of it, in place of its own header. */
interface Extended {
  path?: string
  size?: number
}

/** @returns what an extending entry says of the next one; undefined if it is none */
function extensionOf({ type, path }: TarHeader, content: Uint8Array, extended: Extended): Extended | undefined {
  if (type === 'L' && content.length <= MAX_PATH_BYTES) return { ...extended, path: text(withoutEnd(content)) }
  if (type !== 'x' && type !== 'g') return undefined
  const records = paxRecords(content)
  if (!records) throw malformed('has a broken extended header')
  const sparse = [...records.keys()].some((name) => name.startsWith('GNU.sparse.'))
  if (sparse || (type === 'g' && (records.has('path') || records.has('size')))) throw refused(path, 'is stored in a way that is not read')
  if (type === 'g') return extended
  const [longPath, size] = [records.get('path'), records.get('size')]
  if (size !== undefined && !/^\d{1,15}$/.test(size)) throw malformed('has a broken extended header')
  return { ...extended, ...(longPath !== undefined && { path: longPath }), ...(size !== undefined && { size: Number(size) }) }
}

const FILES: ReadonlySet<string> = new Set(['0', '\0', '7'])

function addEntry(files: Map<string, TarFile>, header: TarHeader, bytes: Uint8Array, extended: Extended, limits: TarLimits): void {
  const stated = extended.path ?? header.path
  const path = entryPath(limits.rooted ? stated.replace(/^\//, '') : stated)
  const isDirectory = header.type === '5' || (FILES.has(header.type) && stated.endsWith('/'))
  if (path === undefined || (path === '' && !isDirectory)) throw refused(stated, 'has a path that leads out of the archive, or none')
  if (isDirectory) return
  if (!FILES.has(header.type)) throw refused(path, 'is neither a file nor a directory')
  if (files.has(path)) throw refused(path, 'is there twice')
  if (files.size >= limits.files) throw new TarError('too_many', `${limits.files} files`)
  files.set(path, { path, bytes })
}

const ZEROS = new Uint8Array(BLOCK)

/** By blocks, since an archive may end in millions of zeros. */
function isZero(bytes: Uint8Array, from: number): boolean {
  for (let at = from; at < bytes.length; at += BLOCK) {
    const block = bytes.subarray(at, at + BLOCK)
    if (Buffer.compare(block, block.length === BLOCK ? ZEROS : ZEROS.subarray(0, block.length)) !== 0) return false
  }
  return true
}

function withoutEnd(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0)
  return end === -1 ? bytes : bytes.subarray(0, end)
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}

function malformed(what: string): TarError {
  return new TarError('malformed', what)
}

function refused(path: string, what: string): TarError {
  return new TarError('refused', what, path)
}
