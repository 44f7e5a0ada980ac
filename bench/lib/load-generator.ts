/**
 * The load generator, a process of its own: raw sockets with requests that were built beforehand, so that it takes as little as possible of
 * the machine that it measures. Every reply is awaited and checked; when time is up nothing new is sent and the last replies are awaited.
 */
import { connect } from 'node:net'
import { ReplyReader } from './http-reply.ts'
import type { LoadOrder, LoadReport } from './load-protocol.ts'

process.once('message', (order) => {
  void run(order as LoadOrder).then((report) => process.send?.(report, () => process.exit(0)))
})

async function run(order: LoadOrder): Promise<LoadReport> {
  const requests = order.bodies.map((body) => requestBytes(order, body))
  const tally = { latencies: [] as number[], wrong: 0, example: undefined as string | undefined }
  let next = 0
  const takeRequest = (): Buffer => requests[next++ % requests.length] ?? Buffer.alloc(0)
  const cpu = process.cpuUsage()
  const started = performance.now()
  const deadline = started + order.seconds * 1000

  await Promise.all(Array.from({ length: order.connections }, () => drive(order, takeRequest, deadline, tally)))

  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const sorted = Float64Array.from(tally.latencies).toSorted()
  return {
    requests: sorted.length,
    seconds,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    wrong: tally.wrong,
    example: tally.example,
    cpuSeconds: (user + system) / 1e6,
  }
}

function requestBytes({ path, port, headers }: LoadOrder, body: string): Buffer {
  const lines = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(body)) }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  )
  return Buffer.from(`POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${lines.join('')}\r\n${body}`)
}

/** One connection: a request, its reply, the next request. */
function drive(
  order: LoadOrder,
  takeRequest: () => Buffer,
  deadline: number,
  tally: { latencies: number[]; wrong: number; example: string | undefined },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const socket = connect({ port: order.port, host: '127.0.0.1', noDelay: true })
  const reader = new ReplyReader()
  let sentAt = 0
  const send = (): void => {
    sentAt = performance.now()
    socket.write(takeRequest())
  }
  socket.once('connect', send)
  socket.on('data', (chunk: Buffer) => {
    const reply = reader.read(chunk)
    if (reply === undefined) return
    tally.latencies.push(performance.now() - sentAt)
    if (reply.status !== 200 || !reply.body.includes(order.expect)) {
      tally.wrong += 1
      tally.example ??= `${reply.status} ${reply.body.toString().slice(0, 400)}`
    }
    if (performance.now() < deadline) send()
    else socket.end()
  })
  socket.once('error', reject)
  socket.once('close', () => resolve())
  return promise
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}
