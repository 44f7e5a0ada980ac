/** Tells the current instant. Everything that decides takes its time from here, so that tests and replay can set it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
}

/** The machine's own clock. */
export const systemClock: Clock = { now: () => Date.now() }

/** How far the clocks of two machines may differ, in milliseconds: what is dated further ahead than this is refused. */
export const MAX_CLOCK_SKEW_MS = 5 * 60 * 1000
