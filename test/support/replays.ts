import assert from 'node:assert/strict'

import type { Client } from './client.ts'

interface ReplayBody {
  identical: boolean
  differences: unknown[]
  reasons: unknown[]
}

/** Replays every recorded decision that the client may see; fails the test unless each gives the same again. @returns how many there are */
export async function replayEverything(client: Client): Promise<number> {
  let [count, path] = [0, '/v1/decisions?limit=200']
  for (;;) {
    const { items, next } = (await client.get(path)).json<{ items: { id: string; stage: string }[]; next: string | null }>()
    for (const { id, stage } of items) {
      const reply = await client.send('POST', `/v1/decisions/${id}/replay`)
      assert.equal(reply.status, 200, reply.text)
      const { identical, differences, reasons } = reply.json<ReplayBody>()
      assert.deepEqual({ identical, differences, reasons }, { identical: true, differences: [], reasons: [] }, `${stage} ${id}`)
    }
    count += items.length
    if (next === null) return count
    path = `/v1/decisions?limit=200&cursor=${encodeURIComponent(next)}`
  }
}
