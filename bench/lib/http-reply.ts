/**
 * Reads HTTP/1.1 replies from a keep-alive connection without pipelining: just enough for a load generator, and cheap.
 * Knows `Content-Length` and chunked bodies.
 */
export class ReplyReader {
  #pending: Buffer = Buffer.alloc(0)

  /** @returns the reply once it is complete, else undefined */
  read(chunk: Buffer): { status: number; body: Buffer } | undefined {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    const headEnd = this.#pending.indexOf('\r\n\r\n')
    if (headEnd < 0) return undefined
    const head = this.#pending.toString('latin1', 0, headEnd).toLowerCase()
    const body = readBody(head, this.#pending.subarray(headEnd + 4))
    if (body === undefined) return undefined
    this.#pending = Buffer.alloc(0)
    return { status: Number(head.slice(9, 12)), body }
  }
}

function readBody(head: string, rest: Buffer): Buffer | undefined {
  const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1]
  if (length !== undefined) return rest.length >= Number(length) ? rest : undefined
  if (!head.includes('\r\ntransfer-encoding: chunked')) return rest
  return readChunks(rest)
}

function readChunks(rest: Buffer): Buffer | undefined {
  const chunks: Buffer[] = []
  let at = 0
  for (;;) {
    const lineEnd = rest.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const size = Number.parseInt(rest.toString('latin1', at, lineEnd), 16)
    if (rest.length < lineEnd + 2 + size + 2) return undefined
    if (size === 0) return Buffer.concat(chunks)
    chunks.push(rest.subarray(lineEnd + 2, lineEnd + 2 + size))
    at = lineEnd + 2 + size + 2
  }
}
