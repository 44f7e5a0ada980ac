import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { AppError } from '../core/app-error.ts'
import { readDocuments, type ResourceFileErrorCode, type SourceDocument } from '../governance/resources/documents.ts'

const MAX_FILES = 1000
const MAX_DEPTH = 8
const MAX_BYTES = 4 * 1024 * 1024

/**
 * Reads all documents below a directory: files that end in .yaml or .yml, in the order of their paths. What begins with a dot is left out;
 * links are followed, since mounted directories are made of them.
 * @throws {AppError} `resource_file_malformed`, or the fault of the system that says why a file can't be read
 */
export function readResourceFiles(directory: string): SourceDocument[] {
  const files = filesBelow(directory, 0)
  if (files.length > MAX_FILES) throw tooMuch(directory, `more than ${MAX_FILES} files`)
  return files.flatMap((file) => {
    if (statSync(file).size > MAX_BYTES) throw tooMuch(file, `more than ${MAX_BYTES} bytes`)
    return readDocuments(file, readFileSync(file, 'utf8'))
  })
}

function filesBelow(directory: string, depth: number): string[] {
  if (depth > MAX_DEPTH) throw tooMuch(directory, `directories within each other more than ${MAX_DEPTH} deep`)
  const names = readdirSync(directory).filter((name) => !name.startsWith('.'))
  return names.toSorted().flatMap((name) => {
    const path = join(directory, name)
    if (statSync(path).isDirectory()) return filesBelow(path, depth + 1)
    return /\.ya?ml$/.test(name) ? [path] : []
  })
}

function tooMuch(path: string, what: string): AppError<ResourceFileErrorCode> {
  return new AppError('resource_file_malformed', `${path} has ${what}.`, { remedy: 'Name the directory of the documents alone.' })
}
