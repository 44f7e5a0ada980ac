import { requireScope } from '../../auth/authorize.ts'
import { AppError } from '../../core/app-error.ts'
import { isFreeText } from '../../core/free-text.ts'
import type { Access } from '../../core/principal.ts'

export type BreakGlassErrorCode = 'break_glass_text_invalid'

/** Why somebody wants to pass against what policies say. */
export interface BreakGlassRequest {
  reason: string
  /** Where the emergency is dealt with: a ticket, a page, a call. */
  incident: string
}

/** The same with who it is. */
export interface AskedBreakGlass extends BreakGlassRequest {
  /** Name of the principal. */
  by: string
}

const MAX_REASON = 2000
const MAX_INCIDENT = 200

/**
 * Whether whoever asks may break the glass at all; whether they may here, the bindings that deny say.
 * @throws {AppError} `scope_missing` before a word about the request, or `break_glass_text_invalid`
 */
export function readBreakGlass(access: Access, request: BreakGlassRequest | undefined): AskedBreakGlass | null {
  if (request === undefined) return null
  requireScope(access, 'breakglass:use')
  return {
    reason: readText(request.reason, 'reason', MAX_REASON),
    incident: readText(request.incident, 'incident', MAX_INCIDENT),
    by: access.principal.name,
  }
}

function readText(text: string, field: keyof BreakGlassRequest, most: number): string {
  if (isFreeText(text, most)) return text
  throw new AppError<BreakGlassErrorCode>('break_glass_text_invalid', `The ${field} is empty, too long or has control characters.`, {
    field: `body.breakGlass.${field}`,
    remedy: `Write 1 to ${most} characters on one line.`,
  })
}
