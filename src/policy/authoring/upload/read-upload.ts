import { gunzip } from 'node:zlib'
import { promisify } from 'node:util'

import { entryPath } from '../../../core/tar/entry-path.ts'
import { readTar, TarError, type TarFile } from '../../../core/tar/read-tar.ts'
import type { PolicyFinding } from '../finding.ts'
import type { PolicyUpload } from '../policy-compiler.ts'
import { readForm } from './multipart.ts'

const MIB = 1024 * 1024
/** Most files of one upload, and most entries of an archive, directories included. */
const MAX_FILES = 300
const MAX_ENTRIES = 1000
const MAX_UNPACKED_BYTES = 24 * MIB
const MAX_PATH = 200
const MAX_DEPTH = 16

export type ReadUpload = { ok: true; files: readonly TarFile[] } | { ok: false; findings: readonly [PolicyFinding, ...PolicyFinding[]] }

/** The files of an upload, whichever way they came, each at a path of its own that leads nowhere else. */
export async function readUpload({ contentType, bytes }: Omit<PolicyUpload, 'name'>): Promise<ReadUpload> {
  const isForm = /^multipart\/form-data\s*(?:;|$)/i.test(contentType)
  const read = isForm ? filesOfForm(contentType, bytes) : await filesOfArchive(bytes)
  if (!read.ok) return read
  const paths = new Set(read.files.map(({ path }) => path))
  const [first, ...more] = read.files.flatMap(({ path }) => {
    const what = objectionTo(path, paths)
    return what === undefined ? [] : [refused(path, what)]
  })
  return first ? { ok: false, findings: [first, ...more] } : read
}

function objectionTo(path: string, paths: ReadonlySet<string>): string | undefined {
  const steps = path.split('/')
  if (path.length > MAX_PATH || steps.length > MAX_DEPTH) return `has a path of more than ${MAX_PATH} characters or ${MAX_DEPTH} folders`
  const isBelowFile = steps.some((_, at) => at > 0 && paths.has(steps.slice(0, at).join('/')))
  return isBelowFile ? 'lies in a folder that is a file' : undefined
}

async function filesOfArchive(bytes: Uint8Array): Promise<ReadUpload> {
  try {
    const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b
    const archive = isCompressed ? await unzip(bytes, { maxOutputLength: MAX_UNPACKED_BYTES }) : bytes
    if (archive.length > MAX_UNPACKED_BYTES) return failed(tooLarge(`more than ${MAX_UNPACKED_BYTES} bytes`))
    return { ok: true, files: readTar(archive, { files: MAX_FILES, entries: MAX_ENTRIES, rooted: true }) }
  } catch (error) {
    return failed(error instanceof TarError ? findingOf(error) : unzipFinding(error))
  }
}

const unzip = promisify(gunzip)

function unzipFinding(error: unknown): PolicyFinding {
  const isTooLarge = error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE'
  return isTooLarge ? tooLarge(`more than ${MAX_UNPACKED_BYTES} bytes when it is unpacked`) : malformed('The archive is not valid gzip.')
}

function findingOf({ fault, entry, what }: TarError): PolicyFinding {
  switch (fault) {
    case 'malformed':
      return malformed(`The archive ${what}.`)
    case 'refused':
      return refused(entry, what)
    case 'too_many':
      return tooLarge(`more than ${what}`)
    case 'empty':
      return empty()
  }
}

/** Each part is a file, and its file name is its path: `-F 'file=@main.rego;filename=lib/main.rego'`. */
function filesOfForm(contentType: string, bytes: Uint8Array): ReadUpload {
  const parts = readForm(contentType, bytes, MAX_FILES)
  if (!parts) return failed(malformed('The form is broken, or its boundary is not that of the Content-Type.'))
  if (parts.length === 0) return failed(empty())
  if (parts.length > MAX_FILES) return failed(tooLarge(`more than ${MAX_FILES} files`))
  const files = new Map<string, TarFile>()
  const findings: PolicyFinding[] = []
  for (const { name, filename, bytes: content } of parts) {
    const path = filename === null ? undefined : entryPath(filename)
    if (filename === null) findings.push(refused(name, 'is no file: its part has no filename'))
    else if (path === undefined || path === '') findings.push(refused(filename, 'has a path that leads out of the upload, or none'))
    else if (files.has(path)) findings.push(refused(path, 'is there twice'))
    else files.set(path, { path, bytes: content })
  }
  const [first, ...more] = findings
  return first ? { ok: false, findings: [first, ...more] } : { ok: true, files: [...files.values()] }
}

function failed(finding: PolicyFinding): ReadUpload {
  return { ok: false, findings: [finding] }
}

function malformed(message: string): PolicyFinding {
  const fix = 'Send a form with a file for each module, as curl -F file=@main.rego does, or an archive: tar -czf policy.tar.gz -C DIR .'
  return { code: 'upload_malformed', file: null, line: null, message, fix }
}

function refused(path: string, what: string): PolicyFinding {
  const file = path.slice(0, MAX_PATH).toWellFormed()
  const fix = 'Send plain files by relative paths, each once.'
  return { code: 'upload_file_refused', file, line: null, message: `The file ${what}.`, fix }
}

function tooLarge(what: string): PolicyFinding {
  const fix = 'Leave out what the policy does not read. Large tables belong into evidence.'
  return { code: 'upload_too_large', file: null, line: null, message: `The upload holds ${what}.`, fix }
}

function empty(): PolicyFinding {
  const fix = 'Send at least one .rego file, or a bundle with policy.wasm.'
  return { code: 'upload_empty', file: null, line: null, message: 'The upload holds no file.', fix }
}
