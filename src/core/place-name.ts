const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/i

/** What a malformed name of a stage or environment should look like. */
export const PLACE_NAME_REMEDY = 'Use letters, digits, dots, dashes and underscores, 63 at most, beginning with a letter or digit.'

/** True for what can be the name of a stage or an environment. */
export function isPlaceName(text: string): boolean {
  return NAME.test(text)
}

/**
 * True for names that differ in letter case at most. Restrictions are looked up this way, so that no spelling of `production` escapes
 * what is laid down for it; rights are given for the exact name only.
 */
export function isSamePlace(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
