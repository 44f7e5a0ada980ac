/** How long a body may take to arrive. Times are milliseconds. */
export interface PaceLimits {
  /** Time for all of it to arrive. */
  deadlineMs: number
  /** Longest time in which no byte arrives. */
  stallMs: number
  /** Time over which the rate is taken; it counts from the first moment at which so much time has passed. */
  windowMs: number
  /** Least bytes per second, on average over the window. */
  minBytesPerSecond: number
}

/** How often a body's pace is to be looked at, in milliseconds: often enough that no limit is passed by much. */
export function paceInterval({ deadlineMs, stallMs, windowMs }: PaceLimits): number {
  return Math.max(1, Math.min(deadlineMs, stallMs, windowMs) / 15)
}

interface Mark {
  at: number
  /** Bytes that had arrived by then. */
  bytes: number
}

/** Whether one body arrives fast enough. All instants are milliseconds of one monotonic clock. */
export class BodyPace {
  readonly #limits: PaceLimits
  readonly #startedAt: number
  /** Oldest first; the first is the youngest that is at least a window old, once there is one. */
  readonly #marks: Mark[]
  #bytes = 0
  #lastAt: number

  constructor(limits: PaceLimits, now: number) {
    this.#limits = limits
    this.#startedAt = now
    this.#lastAt = now
    this.#marks = [{ at: now, bytes: 0 }]
  }

  /** Counts what has arrived. */
  arrived(bytes: number, now: number): void {
    this.#bytes += bytes
    this.#lastAt = now
  }

  /** To be asked at each interval: a sentence that says what is wrong, or undefined if the body may go on. */
  tooSlow(now: number): string | undefined {
    const { deadlineMs, stallMs, windowMs, minBytesPerSecond } = this.#limits
    if (now - this.#startedAt >= deadlineMs) return `The body did not arrive within ${deadlineMs / 1000} seconds.`
    if (now - this.#lastAt >= stallMs) return `Nothing of the body arrived for ${stallMs / 1000} seconds.`
    const { at, bytes } = this.#beginOfWindow(now)
    const elapsed = now - at
    if (elapsed < windowMs || ((this.#bytes - bytes) / elapsed) * 1000 >= minBytesPerSecond) return undefined
    return `Less than ${minBytesPerSecond} bytes of the body arrived per second over ${windowMs / 1000} seconds.`
  }

  /** Marks are at least an interval apart, so that few are kept. */
  #beginOfWindow(now: number): Mark {
    this.#marks.push({ at: now, bytes: this.#bytes })
    while (this.#marks[1] && now - this.#marks[1].at >= this.#limits.windowMs) this.#marks.shift()
    return this.#marks[0] ?? { at: now, bytes: this.#bytes }
  }
}
