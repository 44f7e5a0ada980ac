import { AppError } from '../core/app-error.ts'
import type { HttpErrorCode } from './problem.ts'

/** What curl says when nobody tells it otherwise: `-d` sends a form type whatever the content. */
const TAKEN_FOR_JSON = new Set(['application/json', 'application/x-www-form-urlencoded', 'text/plain', 'text/json'])
const UTF8 = new Set(['utf-8', 'utf8', 'us-ascii'])

/**
 * Checks the Content-Type of a JSON request: JSON, curl's defaults, or none; UTF-8 only (RFC 8259, section 8.1).
 * @throws {AppError} `media_type_unsupported` or `charset_unsupported`
 */
export function checkJsonType(header: string | undefined): void {
  if (header === undefined || header === 'application/json') return
  const { essence, charset } = parse(header)
  if (!TAKEN_FOR_JSON.has(essence) && !/^application\/[a-z0-9.-]+\+json$/.test(essence)) {
    throw unsupported('The body must be JSON.', 'Send it with: --json \'{"…"}\' or -H "Content-Type: application/json"')
  }
  if (charset !== undefined && !UTF8.has(charset)) {
    throw new AppError<HttpErrorCode>('charset_unsupported', 'JSON is UTF-8.', {
      field: 'header.Content-Type',
      remedy: 'Convert the body to UTF-8 and leave out the charset.',
    })
  }
}

/**
 * A report may come under any type or none. Only a form with the file inside is refused: its bytes are not the report's.
 * @throws {AppError} `media_type_unsupported`
 */
export function checkReportType(header: string | undefined): void {
  if (header === undefined || !parse(header).essence.startsWith('multipart/')) return
  throw unsupported('The report is wrapped in a form.', 'Send the file itself: --data-binary @report instead of -F file=@report')
}

/** A body of several reports: https://www.iana.org/assignments/media-types has no type of its own for tar. */
export function isTarType(header: string | undefined): boolean {
  return header !== undefined && /^application\/(?:x-)?tar$/.test(parse(header).essence)
}

/** An iCalendar file, RFC 5545, section 3.1; its charset is UTF-8 whatever it says. */
export function isCalendarType(header: string | undefined): boolean {
  return header !== undefined && parse(header).essence === 'text/calendar'
}

function parse(header: string): { essence: string; charset: string | undefined } {
  const [essence = '', ...parameters] = header.split(';').map((part) => part.trim().toLowerCase())
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))
  return { essence, charset: charset?.slice('charset='.length).replaceAll('"', '') }
}

function unsupported(message: string, remedy: string): AppError<HttpErrorCode> {
  return new AppError('media_type_unsupported', message, { field: 'header.Content-Type', remedy })
}
