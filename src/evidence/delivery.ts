import { AppError } from '../core/app-error.ts'
import { readTar, TarError, type TarFile } from '../core/tar/read-tar.ts'

export type DeliveryErrorCode = 'delivery_malformed' | 'delivery_entry_refused' | 'delivery_too_many' | 'delivery_empty'

/** Most reports that one delivery may hold, and most entries of any kind. */
export const MAX_FILES = 500
const MAX_ENTRIES = 5_000

/**
 * Reads an attacker-controlled archive of reports.
 * @throws {AppError} a `DeliveryErrorCode`
 */
export function readDelivery(archive: Uint8Array): TarFile[] {
  refuseCompressed(archive)
  try {
    return readTar(archive, { files: MAX_FILES, entries: MAX_ENTRIES })
  } catch (error) {
    throw error instanceof TarError ? refusal(error) : error
  }
}

const COMPRESSED: readonly (readonly [name: string, magic: readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
]

function refuseCompressed(bytes: Uint8Array): void {
  const found = COMPRESSED.find(([, magic]) => magic.every((byte, at) => bytes[at] === byte))
  if (!found) return
  throw new AppError<DeliveryErrorCode>('delivery_malformed', `The archive is compressed (${found[0]}).`, {
    field: 'body',
    remedy: `Say so with the header Content-Encoding: ${found[0]}.`,
  })
}

function refusal({ fault, entry, what }: TarError): AppError<DeliveryErrorCode> {
  switch (fault) {
    case 'malformed':
      return new AppError('delivery_malformed', `The body ${what}.`, {
        field: 'body',
        remedy: 'Send the whole archive, as tar -cf wrote it.',
      })
    case 'refused':
      return new AppError('delivery_entry_refused', `The entry ${JSON.stringify(entry)} ${what}.`, {
        field: entry,
        remedy: 'Put only the reports into the archive, by relative paths: tar -cf reports.tar -C build reports',
      })
    case 'too_many':
      return new AppError('delivery_too_many', `The archive holds more than ${what}.`, { field: 'body', remedy: 'Send several archives.' })
    case 'empty':
      return new AppError('delivery_empty', 'The archive holds no file.', {
        field: 'body',
        remedy: 'Check that the tools ran and wrote their reports before they were packed.',
      })
  }
}

/** The path without the extension of its file: what the reports of an archive are called if nothing else is said. */
export function pathWithoutExtension(path: string): string {
  return path.replace(/(?<=[^/])\.[^./]+$/, '')
}
