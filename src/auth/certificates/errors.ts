import { AppError } from '../../core/app-error.ts'

export type CertificateLoginErrorCode = 'certificate_refused'

/** A certificate that proves nothing here. No sentence quotes it. */
export function certificateRefused(message: string): AppError<CertificateLoginErrorCode> {
  return new AppError('certificate_refused', message, {
    field: 'connection',
    remedy: 'Connect with a certificate for client authentication of the configured authority, with its chain; or send a token.',
  })
}
