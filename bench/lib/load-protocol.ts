/** What the load generator is asked to do. */
export interface LoadOrder {
  port: number
  path: string
  headers: Record<string, string>
  /** Bodies to POST, in rotation. */
  bodies: string[]
  connections: number
  seconds: number
  /** Every reply must be a 200 that holds this text. */
  expect: string
}

/** What it saw. Times in milliseconds. */
export interface LoadReport {
  requests: number
  /** From the first request until the last reply. */
  seconds: number
  p50: number
  p99: number
  /** Replies that were not as expected, and one of them. */
  wrong: number
  example: string | undefined
  /** Seconds of CPU that the generator itself used: what it takes from the machine under test. */
  cpuSeconds: number
}
