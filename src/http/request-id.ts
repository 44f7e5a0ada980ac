import { newId } from '../core/id.ts'

const SANE = /^[A-Za-z0-9._:/+=-]{1,128}$/

/** Takes over the caller's id if it can't harm a header or a log line; else makes one. */
export function requestIdOf(header: string | undefined): string {
  return header !== undefined && SANE.test(header) ? header : newId()
}
