import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { writeDocument } from '../../src/governance/resources/documents.ts'
import type { ShownResource } from '../../src/governance/resources/resources.ts'
import type { ApiClient } from './api-client.ts'

/** Writes what holds as documents, one file each: to apply them changes nothing. */
export async function exportResources(client: ApiClient, directory: string, write: (line: string) => void): Promise<number> {
  let count = 0
  for (let path: string | null = '/v1/resources?limit=100'; path !== null;) {
    const { items, next } = (await client.send('GET', path)).body as { items: ShownResource[]; next: string | null }
    for (const resource of items) writeResource(directory, resource)
    count += items.length
    path = next === null ? null : `/v1/resources?limit=100&cursor=${encodeURIComponent(next)}`
  }
  write(`${count} documents in ${directory}`)
  return 0
}

function writeResource(directory: string, resource: ShownResource): void {
  const { kind, name } = resource
  // A name of the service's own choice must not lead out of the directory.
  if (!/^[A-Za-z]+$/.test(kind) || !/^[a-z0-9][a-z0-9._-]*$/.test(name)) throw new Error(`${kind}/${name} can be no file.`)
  const folder = join(directory, kind.toLowerCase())
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.yaml`), writeDocument(resource))
}
