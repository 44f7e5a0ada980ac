/** Long enough for a machine that does much else; a test that passes never waits for it. */
const DEADLINE_MS = 60_000

/**
 * Asks again and again until the condition holds.
 * @param what names it, for the failure
 * @throws if it doesn't hold within a minute
 */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const until = performance.now() + DEADLINE_MS
  while (!(await condition())) {
    if (performance.now() > until) throw new Error(`Within ${DEADLINE_MS / 1000} s it did not come about that ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
