import { AppError } from '../../core/app-error.ts'

/**
 * - `pack_damaged`: its files are missing, malformed or not what their digests say
 * - `pack_unusable`: the engine can't run it: not a policy, no such entry point
 * - `pack_missing_builtin`: it calls a builtin that isn't offered
 */
export type PackErrorCode = 'pack_damaged' | 'pack_unusable' | 'pack_missing_builtin'

export function packError(code: PackErrorCode, message: string, cause?: unknown): AppError<PackErrorCode> {
  return new AppError(code, message, { remedy: REMEDIES[code], cause })
}

const REMEDIES: Readonly<Record<PackErrorCode, string>> = {
  pack_damaged: 'Rebuild the packs with: npm run policies',
  pack_unusable: 'Build it with: opa build -t wasm -O=0 -e portcullis/<pack>/results --capabilities policies/capabilities.json',
  pack_missing_builtin: 'Build it with --capabilities policies/capabilities.json, which lists the builtins that are offered.',
}
