import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What systems outside answer to a path: the text of a reply. */
export type Replies = (path: string) => string | undefined

const COMMAND = `#!/bin/bash
cat > /dev/null
while [ $# -gt 1 ]; do
  if [ "$1" = --summary-export ]; then file=$2; fi
  shift
done
exec curl -sSf --globoff "URL/$1" -o "\${file:-/dev/stdout}"
`

/** Stands in for the systems whose replies are evidence: by HTTP, and behind commands such as `gh api PATH`. */
export interface OutsideWorld extends Disposable {
  url: string
  /** A folder for PATH that holds the commands. */
  commands: string
  /** Where scripts may leave their files. */
  folder: string
}

/** @param tools commands that print the reply to their last argument, if it is a path, or write it to the file behind `--summary-export` */
export async function outsideWorld(replies: Replies, tools: readonly string[]): Promise<OutsideWorld> {
  const server: Server = createServer((request, response) => {
    const reply = replies(decodeURIComponent((request.url ?? '').slice(1)))
    response.writeHead(reply === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(reply)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const commands = mkdtempSync(join(tmpdir(), 'portcullis-commands-'))
  for (const tool of tools) {
    writeFileSync(join(commands, tool), COMMAND.replace('URL', url))
    chmodSync(join(commands, tool), 0o755)
  }
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-pipeline-'))
  return {
    url,
    commands,
    folder,
    [Symbol.dispose]: () => {
      server.close()
      rmSync(commands, { recursive: true })
      rmSync(folder, { recursive: true })
    },
  }
}
