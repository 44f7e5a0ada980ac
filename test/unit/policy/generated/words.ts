import fc from 'fast-check'

/** Names of stages and environments, in more than one spelling. */
const PLACES = ['production', 'Production', 'staging', 'test', 'eu-1']

/** What parameters and inputs name alike, so that they often meet. */
const NAMES = ['unit', 'trivy', 'Trivy', 'main', 'release/2', 'ann', 'Ben', 'CHG1', 'chg1', 'OPS-7', 'approved', 'Implement', 'normal']

/** What only some parameters take: patterns, times, zones, versions. */
const SPECIAL = [
  'CHG[0-9]+',
  '(',
  '08:00',
  '24:00',
  '2027-01-10T00:00:00Z',
  '2027-02-01T00:00:00Z',
  'Europe/Berlin',
  '1.2.3',
  'P7D',
  'v2.0.0-rc.1',
]

const ALL = [...NAMES, ...PLACES, ...SPECIAL]

/** Mostly the same, so that what is asked about and what happened meet. */
export const place = fc.constantFrom('production', 'production', 'production', ...PLACES)
export const name = fc.constantFrom(...NAMES)

/** A word that the test lets through. @throws {Error} if none is, which wants one that is added here */
export function wordThat(fits: (word: string) => boolean, what: string): fc.Arbitrary<string> {
  const fitting = ALL.filter(fits)
  if (fitting.length === 0) throw new Error(`No word fits ${what}: add one to ${import.meta.filename}.`)
  const plain = fitting.filter((word) => NAMES.includes(word))
  return plain.length > 0 && plain.length < fitting.length
    ? fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...plain) }, { weight: 1, arbitrary: fc.constantFrom(...fitting) })
    : fc.constantFrom(...fitting)
}
