import assert from 'node:assert/strict'

import type { Client, Reply } from './client.ts'

/** Sends Rego as curl's `-F 'file=@PATH;filename=PATH'` does: each file a part. */
export async function uploadPolicy(client: Client, path: string, files: Readonly<Record<string, string>>, method = 'PUT'): Promise<Reply> {
  const form = new FormData()
  for (const [name, text] of Object.entries(files)) form.append('file', new Blob([text]), name)
  const request = new Request('http://form.invalid', { method: 'POST', body: form })
  const type = request.headers.get('content-type')
  assert.ok(type)
  return client.send(method, path, new Uint8Array(await request.arrayBuffer()), { 'content-type': type })
}

/** The digest of the version that an upload made; fails the test if it is refused. */
export function versionOf(reply: Reply): string {
  assert.ok(reply.status === 200 || reply.status === 201, reply.text)
  return reply.json<{ digest: string }>().digest
}
