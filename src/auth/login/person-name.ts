import { hash } from 'node:crypto'

/** Names of principals have one letter case and few characters: none may look like another. */
const FOREIGN = /[^a-z0-9._@+-]/g
const LONGEST = 128
const MARK_CHARACTERS = 12

/**
 * Names that a new person may get, best first. The issuer stands before each, so that no provider can name anybody like somebody of another
 * provider, like a workload, or like whom an administrator made. The last one holds a mark of the subject, so that it is nobody else's.
 * @param issuer name of the issuer
 * @param claimed chosen by the provider, perhaps by the person
 */
export function personNames(issuer: string, claimed: string, subject: string): string[] {
  // Of ASCII alone: in lower case the Kelvin sign would be a k.
  const lower = claimed.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
  const room = LONGEST - issuer.length - MARK_CHARACTERS - 2
  const shown = lower.replaceAll(FOREIGN, '-').slice(0, room)
  const marked = `${issuer}:${shown}+${hash('sha256', subject, 'hex').slice(0, MARK_CHARACTERS)}`
  // What had to be changed could be another's name as it is.
  return shown === lower ? [`${issuer}:${shown}`, marked] : [marked]
}
