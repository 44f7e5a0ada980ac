import { parentPort, workerData } from 'node:worker_threads'

import { openPostgresEngine } from '../postgres/engine.ts'
import { openSqliteEngine } from '../sqlite/engine.ts'
import type { WriteEngine } from './engine.ts'
import type { WriterEvent, WriterMessage, WriterRequest, WriterTarget } from './messages.ts'
import { describeFailure, runBatch } from './run-batch.ts'

/**
 * The writer: owns the only connection that writes. What arrives while one transaction commits forms the next one, so batches
 * grow with the load and a lone write waits for nobody.
 */
async function write(): Promise<void> {
  const port = parentPort
  if (!port) throw new Error('the writer runs as a worker')
  const tell = (event: WriterEvent): void => port.postMessage(event)
  const engine = await open(workerData as WriterTarget)
  let waiting: WriterRequest[] = []
  let busy = false
  let finishing = false

  const next = async (): Promise<void> => {
    const requests = waiting
    waiting = []
    if (requests.length > 0) tell({ report: await runBatch(engine, requests) })
    busy = false
    if (waiting.length > 0) wake()
    else if (finishing) await finish()
  }
  const wake = (): void => {
    if (busy) return
    busy = true
    // After the events that are due: their messages belong to this batch.
    setImmediate(() => void next().catch((error: unknown) => tell({ fatal: describeFailure(error) })))
  }
  const finish = async (): Promise<void> => {
    await engine.close()
    tell({ finished: true })
    port.close()
  }

  port.on('message', (message: WriterMessage) => {
    if ('requests' in message) for (const request of message.requests) waiting.push(request)
    else finishing = true
    wake()
  })
  tell({ ready: true })
}

async function open(target: WriterTarget): Promise<WriteEngine> {
  return target.engine === 'sqlite' ? openSqliteEngine(target.path) : openPostgresEngine(target.url)
}

await write()
