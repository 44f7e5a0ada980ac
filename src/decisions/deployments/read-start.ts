import { AppError } from '../../core/app-error.ts'
import { MAX_CLOCK_SKEW_MS } from '../../core/clock.ts'
import type { Access } from '../../core/principal.ts'
import { parseSubject, type Subject } from '../../core/subject.ts'
import { formatInstant, parseInstant } from '../../core/time.ts'
import { readContext, readFacts, readName, requireAmong, type RequestErrorCode, type StatedFacts } from '../confined-request.ts'
import type { StartReport } from './deployment.ts'

export type StartErrorCode = 'started_in_future' | 'started_malformed'

/** A report that has been read and checked. */
export interface ReadStart extends StatedFacts {
  subject: Subject
  environment: string
  target: string | null
  /** RFC 3339 UTC. */
  startedAt: string
}

/**
 * Reads the report of a start against what its reporter may report.
 * @param now milliseconds since the epoch
 * @throws {AppError} for a malformed subject, name or time, and for a report outside the reporter's confinement
 */
export function readStart(access: Access, report: StartReport, now: number): ReadStart {
  const subject = parseSubject(report.subject, 'body.subject')
  const environment = readName(report.environment, 'body.environment')
  const target = report.target === undefined ? null : readTarget(report.target)
  const context = readContext(report.context ?? {})
  const startedAt = readStartedAt(report.startedAt, now)
  const facts = readFacts(access, context, subject, undefined)
  requireAmong(access.confinement.environments, environment, 'body.environment', `environment "${environment}"`)
  return { subject, environment, target, ...facts, startedAt }
}

/** Environment, target and repository together must fit into one row of an index. */
const TARGET = /^[\x20-\x7e]{1,256}$/

function readTarget(target: string): string {
  if (TARGET.test(target)) return target
  throw new AppError<RequestErrorCode>('name_malformed', 'The target is empty, too long or holds other characters than printable ASCII.', {
    field: 'body.target',
    remedy: 'Use 1 to 256 printable ASCII characters.',
  })
}

function readStartedAt(text: string, now: number): string {
  const at = parseInstant(text)
  if (at === undefined) {
    throw new AppError<StartErrorCode>('started_malformed', 'The time is not RFC 3339 with an offset.', {
      field: 'body.startedAt',
      remedy: 'Write it like 2026-11-21T09:30:00Z.',
    })
  }
  if (at <= now + MAX_CLOCK_SKEW_MS) return formatInstant(at)
  throw new AppError<StartErrorCode>('started_in_future', `The start is dated ${text}, more than five minutes from now.`, {
    field: 'body.startedAt',
    remedy: 'Report a deployment as it starts, and set the clock of the machine that reports it.',
  })
}
