import { holdsCredential } from '../core/credential-text.ts'
import { newId } from '../core/id.ts'

const SANE = /^[A-Za-z0-9._:/+=-]{1,128}$/

/** Takes over the caller's id if it can't harm a header or a log line, and is nobody's token; else makes one. */
export function requestIdOf(header: string | undefined): string {
  return header !== undefined && SANE.test(header) && !holdsCredential(header) ? header : newId()
}
