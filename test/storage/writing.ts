import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import type { Place } from '../support/storage.ts'

/** A process that writes and prints what was acknowledged, one `KEY NUMBER` a line. */
export interface WritingProcess {
  /** What it printed. */
  acknowledged: Map<string, number>
  /** Resolves once that many were acknowledged. */
  reached(count: number): Promise<void>
  /** SIGKILL: no handler runs, nothing is finished. */
  kill(): Promise<void>
}

/** Starts a program on a place. */
export function startWriting(program: URL, place: Place): WritingProcess {
  const child = spawn(process.execPath, [fileURLToPath(program), JSON.stringify(place)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const acknowledged = new Map<string, number>()
  const waiting: { count: number; resolve: () => void }[] = []
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const [id = '', index] = line.split(' ')
      acknowledged.set(id, Number(index))
    }
    for (const { count, resolve } of waiting) if (acknowledged.size >= count) resolve()
  })
  return {
    acknowledged,
    reached: (count) =>
      new Promise((resolve, reject) => {
        waiting.push({ count, resolve })
        child.once('exit', () => reject(new Error('the writing process ended by itself')))
      }),
    kill: () => kill(child),
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGKILL')
  await closed
}
