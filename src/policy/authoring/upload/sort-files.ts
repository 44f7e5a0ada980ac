import type { TarFile } from '../../../core/tar/read-tar.ts'
import type { PolicyFinding } from '../finding.ts'
import type { PolicySource } from '../policy-compiler.ts'

const MIB = 1024 * 1024
/** A module is read in one go, while requests wait. */
const MAX_MODULE_BYTES = 256 * 1024
const MAX_REGO_BYTES = 2 * MIB
const MAX_DATA_BYTES = 4 * MIB
const MAX_SCHEMA_BYTES = 256 * 1024
/** Bytes that a compiled policy may have; one rule takes about 140 KiB. */
export const MAX_WASM_BYTES = 8 * MIB

/** The files of an upload by what they are. */
export interface SortedFiles {
  /** Sorted by path. */
  modules: readonly PolicySource[]
  /** `data.json` and `data.yaml` of any directory. */
  data: readonly PolicySource[]
  parameters: PolicySource | null
  /** Present in a bundle. */
  wasm: Uint8Array<ArrayBuffer> | null
  manifest: PolicySource | null
  findings: readonly PolicyFinding[]
}

/** Tells modules, data and the parts of a bundle apart. What is none of them, such as a README, is left out. */
export function sortFiles(files: readonly TarFile[]): SortedFiles {
  const findings: PolicyFinding[] = []
  const text = (file: TarFile, most: number): PolicySource[] => {
    const read = readText(file, most)
    if ('text' in read) return [read]
    findings.push(read)
    return []
  }
  const named = (pattern: RegExp): TarFile[] => files.filter(({ path }) => pattern.test(path)).sort((a, b) => (a.path < b.path ? -1 : 1))
  const modules = named(/\.rego$/).flatMap((file) => text(file, MAX_MODULE_BYTES))
  const data = named(/(?:^|\/)data\.(?:json|ya?ml)$/).flatMap((file) => text(file, MAX_DATA_BYTES))
  const [parameters, ...more] = named(/(?:^|\/)params\.schema\.json$/).flatMap((file) => text(file, MAX_SCHEMA_BYTES))
  for (const { path } of more) findings.push(second(path, parameters?.path ?? ''))
  const wasm = files.find(({ path }) => path === 'policy.wasm')
  if (wasm && wasm.bytes.length > MAX_WASM_BYTES) findings.push(tooLarge(wasm.path, MAX_WASM_BYTES))
  const [manifest = null] = named(/^\.manifest$/).flatMap((file) => text(file, MAX_DATA_BYTES))
  findings.push(...tooMuch(modules, MAX_REGO_BYTES, 'Rego'), ...tooMuch(data, MAX_DATA_BYTES, 'data'))
  return {
    ...{ modules, data, parameters: parameters ?? null, wasm: wasm ? Uint8Array.from(wasm.bytes) : null, manifest },
    findings,
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

function readText({ path, bytes }: TarFile, most: number): PolicySource | PolicyFinding {
  if (bytes.length > most) return tooLarge(path, most)
  try {
    const text = decoder.decode(bytes)
    if (!text.includes('\0')) return { path, text }
  } catch {
    // Said below.
  }
  const fix = 'Save it as UTF-8 without zero bytes.'
  return { code: 'text_not_utf8', file: path, line: null, message: 'The file is not UTF-8 text.', fix }
}

function tooMuch(sources: readonly PolicySource[], most: number, what: string): PolicyFinding[] {
  const bytes = sources.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0)
  return bytes > most ? [tooLarge(null, most, what)] : []
}

function tooLarge(file: string | null, most: number, what?: string): PolicyFinding {
  const message = file === null ? `There are more than ${most} bytes of ${what ?? 'files'}.` : `The file is larger than ${most} bytes.`
  return { code: 'upload_too_large', file, line: null, message, fix: 'Split it, or leave out what the policy does not read.' }
}

function second(file: string, first: string): PolicyFinding {
  const message = `The parameters are described in ${first} already.`
  return { code: 'upload_file_refused', file, line: null, message, fix: 'Keep one params.schema.json.' }
}
