import { AppError } from '../core/app-error.ts'

/** Environment variables, as the process has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** Reads a file as text; throws if it can't. */
export type FileReader = (path: string) => string

/**
 * A secret from NAME, or from the file that NAME_FILE names (one trailing line break is dropped).
 * @throws {AppError} `setting_invalid` if both are set or the file can't be read
 */
export function readSecret(env: Environment, name: string, readFile: FileReader): string | undefined {
  const value = env[name]
  const path = env[`${name}_FILE`]
  if (!path) return value || undefined
  if (value) {
    throw new AppError('setting_invalid', `${name} and ${name}_FILE are both set.`, { field: name, remedy: 'Unset one of them.' })
  }
  let text: string
  try {
    text = readFile(path).replace(/\r?\n$/, '')
  } catch (cause) {
    throw new AppError('setting_invalid', `The file that ${name}_FILE names can't be read.`, {
      field: `${name}_FILE`,
      remedy: 'Check the path and its permissions.',
      cause,
    })
  }
  if (text !== '') return text
  throw new AppError('setting_invalid', `The file that ${name}_FILE names is empty.`, {
    field: `${name}_FILE`,
    remedy: 'Write the secret into it.',
  })
}
