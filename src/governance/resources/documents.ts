import { isMap, LineCounter, parseAllDocuments, stringify, visit, type Document } from 'yaml'

import { AppError } from '../../core/app-error.ts'
import { API_VERSION, type ResourceDocument } from './resource.ts'

export type ResourceFileErrorCode = 'resource_file_malformed'

/** A document as it was read, not checked yet. */
export interface SourceDocument {
  file: string
  /** From 1. */
  line: number
  value: unknown
}

const MAX_CHARACTERS = 1024 * 1024
const MAX_DOCUMENTS = 500
/** Each alias may stand for much: no honest document needs many. */
const MAX_ALIASES = 50

/**
 * Reads the documents of a YAML file (YAML 1.2, core schema). Keys that stand twice, tags of one's own and aliases that multiply are refused.
 * @throws {AppError} `resource_file_malformed`, naming file and line
 */
export function readDocuments(file: string, text: string): SourceDocument[] {
  if (text.length > MAX_CHARACTERS) throw malformed(file, 1, `The file is longer than ${MAX_CHARACTERS} characters.`)
  const lines = new LineCounter()
  const parsed = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: true, strict: true, version: '1.2', prettyErrors: false })
  const documents: readonly Document.Parsed[] = Array.isArray(parsed) ? parsed : []
  if (documents.length > MAX_DOCUMENTS) throw malformed(file, 1, `The file has more than ${MAX_DOCUMENTS} documents.`)
  return documents.flatMap((document) => {
    const fault = document.errors[0] ?? document.warnings[0]
    if (fault) throw malformed(file, lines.linePos(fault.pos[0]).line, fault.message)
    const line = lines.linePos(document.contents?.range[0] ?? 0).line
    const value = valueOf(document, file, line)
    if (value === null) return []
    if (!isMap(document.contents)) throw malformed(file, line, 'A document is a map of apiVersion, kind, name and spec.')
    return [{ file, line, value }]
  })
}

function valueOf(document: Document.Parsed, file: string, line: number): unknown {
  let aliases = 0
  visit(document, {
    Alias: () => {
      aliases += 1
    },
  })
  if (aliases > MAX_ALIASES) throw malformed(file, line, `The document has more than ${MAX_ALIASES} aliases.`)
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown
  } catch (error) {
    throw malformed(file, line, error instanceof Error ? error.message.slice(0, 200) : 'It cannot be read.')
  }
}

/** A document as a file. Times of the day and the like stay texts for readers of YAML 1.1 too. */
export function writeDocument({ kind, name, spec }: Omit<ResourceDocument, 'apiVersion'>): string {
  return stringify({ apiVersion: API_VERSION, kind, name, spec }, { lineWidth: 0, compat: 'yaml-1.1', aliasDuplicateObjects: false })
}

function malformed(file: string, line: number, message: string): AppError<ResourceFileErrorCode> {
  return new AppError('resource_file_malformed', `${file}:${line}: ${message}`, { remedy: 'Correct the file; see docs/as-code.md.' })
}
