/** What can be wrong with what was uploaded as a policy. `docs/policies.md` says what each of them means. */
export const POLICY_FINDING_CODES = [
  'upload_malformed',
  'upload_file_refused',
  'upload_too_large',
  'upload_empty',
  'text_not_utf8',
  'rego_invalid',
  'input_unknown',
  'builtin_banned',
  'package_reserved',
  'entrypoint_missing',
  'rules_not_gathered',
  'result_invalid',
  'metadata_invalid',
  'parameters_schema_invalid',
  'data_invalid',
  'bundle_invalid',
  'bundle_unsigned',
  'bundle_signature_invalid',
  'tests_failed',
  'tests_missing',
  'policy_too_large',
  'policy_timeout',
  'policy_error',
  'compiler_failed',
  'opa_cli_missing',
] as const

export type PolicyFindingCode = (typeof POLICY_FINDING_CODES)[number]

/** One thing that is wrong with an upload, or worth a word. */
export interface PolicyFinding {
  code: PolicyFindingCode
  /** Path within the upload; null where no single file is to blame. */
  file: string | null
  /** From 1; null where no line is. */
  line: number | null
  /** From 1. */
  column?: number
  message: string
  /** What to do about it. */
  fix: string
}
