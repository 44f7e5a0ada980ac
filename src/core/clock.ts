/** Tells the current instant. Everything that decides takes its time from here, so that tests and replay can set it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => Date.now() }
