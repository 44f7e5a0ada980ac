import { parseInstant } from '../../core/time.ts'

/** The latest of the times that replies name, as it is written there: the replies are not older. Null if none names one. */
export function latestOf(times: readonly unknown[]): string | null {
  let latest: { text: string; at: number } | undefined
  for (const text of times) {
    const at = parseInstant(text)
    if (at !== undefined && (latest === undefined || at > latest.at)) latest = { text: String(text), at }
  }
  return latest?.text ?? null
}
