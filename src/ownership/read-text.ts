import { AppError } from '../core/app-error.ts'
import { isFreeText } from '../core/free-text.ts'
import type { OwnershipErrorCode } from './errors.ts'

const MAX_DESCRIPTION = 500
const MAX_CONTACT = 200

type Invalid = Extract<OwnershipErrorCode, 'project_invalid' | 'team_invalid'>

/** @throws {AppError} the given code */
export function readDescription(text: string | undefined, code: Invalid): string {
  if (text === undefined || text === '' || isFreeText(text, MAX_DESCRIPTION)) return text ?? ''
  throw malformed('description', MAX_DESCRIPTION, code)
}

/** Where somebody is reached. It stands in denials, which end up in terminals, so it is one line. @throws {AppError} the given code */
export function readContact(text: string | null | undefined, code: Invalid): string | null {
  if (text === undefined || text === null || isFreeText(text, MAX_CONTACT)) return text ?? null
  throw malformed('contact', MAX_CONTACT, code)
}

function malformed(field: string, most: number, code: Invalid): AppError<OwnershipErrorCode> {
  return new AppError(code, `The ${field} is empty, too long or has control characters.`, {
    field: `body.${field}`,
    remedy: `Write at most ${most} characters on one line, or leave it out.`,
  })
}
