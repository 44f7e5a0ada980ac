import { connect, type Socket } from 'node:net'

/** A connection on which a test writes bytes of its own, as no client library would. */
export class RawConnection implements Disposable {
  readonly #socket: Socket
  #received = ''
  #closed = false
  #wake: () => void = () => undefined

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1')
    this.#socket.on('data', (chunk) => {
      this.#received += chunk.toString('latin1')
      this.#wake()
    })
    this.#socket.on('error', () => undefined)
    this.#socket.on('close', () => {
      this.#closed = true
      this.#wake()
    })
  }

  get received(): string {
    return this.#received
  }

  get closed(): boolean {
    return this.#closed
  }

  write(data: string | Uint8Array): void {
    this.#socket.write(data)
  }

  /** Writes until everything is handed over, the connection is cut, or `ms` are over. @returns bytes handed over */
  async flood(chunk: Uint8Array, bytes: number, ms: number): Promise<number> {
    const until = Date.now() + ms
    let sent = 0
    while (sent < bytes && Date.now() < until) {
      const handedOver = new Promise<boolean>((resolve) => this.#socket.write(chunk, (error) => resolve(!error)))
      const tooLate = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), Math.max(0, until - Date.now())).unref())
      if (!(await Promise.race([handedOver, tooLate]))) break
      sent += chunk.byteLength
    }
    return sent
  }

  /** Waits until what was received satisfies the condition, or the connection is closed. */
  async until(condition: (received: string) => boolean): Promise<string> {
    while (!condition(this.#received) && !this.#closed) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      await promise
    }
    return this.#received
  }

  [Symbol.dispose](): void {
    this.#socket.destroy()
  }
}

/** How many replies were received. */
export function replies(received: string): number {
  return received.match(/HTTP\/1\.1 [2-5]\d\d /g)?.length ?? 0
}
