import { AppError } from '../core/app-error.ts'
import type { AuditErrorCode } from '../audit/audit-log.ts'
import type { IssuerErrorCode } from '../auth/issuers/errors.ts'
import type { WorkloadErrorCode } from '../auth/workload/errors.ts'
import type { CertificateLoginErrorCode } from '../auth/certificates/errors.ts'
import type { AuthErrorCode } from '../auth/errors.ts'
import type { LoginErrorCode } from '../auth/login/errors.ts'
import type { JwtErrorCode } from '../auth/jwt/errors.ts'
import type { EntryErrorCode } from '../audit/entry.ts'
import type { JsonErrorCode } from '../core/bounded-json.ts'
import type { IdempotencyErrorCode } from '../core/idempotency.ts'
import type { IdentityErrorCode } from '../core/linked-identity.ts'
import type { PersonErrorCode } from '../core/person.ts'
import type { SubjectErrorCode } from '../core/subject.ts'
import type { RequestErrorCode } from '../decisions/confined-request.ts'
import type { BacktestErrorCode } from '../decisions/backtest/request.ts'
import type { DeploymentErrorCode } from '../decisions/deployments/deployments.ts'
import type { DecisionErrorCode } from '../decisions/errors.ts'
import type { BreakGlassErrorCode } from '../decisions/break-glass/read-break-glass.ts'
import type { QuestionErrorCode } from '../decisions/question.ts'
import type { ReviewErrorCode } from '../decisions/reviews/reviews.ts'
import type { ApprovalErrorCode } from '../governance/approvals/errors.ts'
import type { ResourceErrorCode } from '../governance/resources/errors.ts'
import type { CalendarErrorCode } from '../governance/calendar/errors.ts'
import type { BlockErrorCode } from '../governance/blocks/errors.ts'
import type { ChangeErrorCode } from '../governance/changes/errors.ts'
import type { WaiverErrorCode } from '../governance/waivers/errors.ts'
import type { IntakeErrorCode } from '../evidence/intake.ts'
import type { ReportErrorCode } from '../evidence/parser.ts'
import type { DeliveryErrorCode } from '../evidence/delivery.ts'
import type { ReaderErrorCode } from '../evidence/report-reader.ts'
import type { SourceErrorCode } from '../evidence/source-link.ts'
import type { OperationErrorCode } from '../operations/operations.ts'
import type { OwnershipErrorCode } from '../ownership/errors.ts'
import type { BindingErrorCode } from '../policy/bindings.ts'
import { PolicyRefusal, type PolicyRefusalErrorCode } from '../policy/authoring/refusal.ts'
import type { PolicyFinding } from '../policy/authoring/finding.ts'
import type { PolicyEngineErrorCode } from '../policy/engine/threaded-evaluator.ts'
import type { PolicyErrorCode } from '../policy/versions/errors.ts'
import type { ParametersErrorCode } from '../policy/parameters.ts'
import type { ContractErrorCode } from './contract/validation.ts'

/** What goes wrong in HTTP itself, or in the stores behind the domain's ports. */
export type HttpErrorCode =
  | 'scope_missing'
  | 'not_found'
  | 'path_unknown'
  | 'method_not_allowed'
  | 'not_acceptable'
  | 'body_too_large'
  | 'body_too_slow'
  | 'body_interrupted'
  | 'media_type_unsupported'
  | 'charset_unsupported'
  | 'encoding_unsupported'
  | 'encoding_malformed'
  | 'idempotency_key_malformed'
  | 'idempotency_repeated'
  | 'principal_name_taken'
  | 'credential_ended'
  | 'cursor_invalid'
  | 'cross_site'
  | 'webhook_not_configured'
  | 'webhook_signature_wrong'
  | 'webhook_revision_missing'
  | 'token_in_query'
  | 'rate_limited'
  | 'overloaded'
  | 'storage_unavailable'
  | 'internal'

/** Every code that a caller can meet. */
export type ErrorCode =
  | HttpErrorCode
  | ContractErrorCode
  | JsonErrorCode
  | SubjectErrorCode
  | IdempotencyErrorCode
  | IdentityErrorCode
  | PersonErrorCode
  | ChangeErrorCode
  | WaiverErrorCode
  | ApprovalErrorCode
  | CalendarErrorCode
  | BreakGlassErrorCode
  | BlockErrorCode
  | ResourceErrorCode
  | ReportErrorCode
  | ReaderErrorCode
  | DeliveryErrorCode
  | IntakeErrorCode
  | SourceErrorCode
  | RequestErrorCode
  | DecisionErrorCode
  | QuestionErrorCode
  | ReviewErrorCode
  | DeploymentErrorCode
  | BacktestErrorCode
  | OperationErrorCode
  | BindingErrorCode
  | OwnershipErrorCode
  | ParametersErrorCode
  | PolicyErrorCode
  | PolicyRefusalErrorCode
  | PolicyEngineErrorCode
  | EntryErrorCode
  | AuditErrorCode
  | AuthErrorCode
  | CertificateLoginErrorCode
  | IssuerErrorCode
  | WorkloadErrorCode
  | LoginErrorCode
  | JwtErrorCode

export interface ProblemKind {
  status: number
  title: string
}

/** The only place that knows which HTTP status a failure has. `docs/errors.md` is held equal to it by a test. */
export const PROBLEMS: Readonly<Record<ErrorCode, ProblemKind>> = {
  invalid_parameter: { status: 400, title: 'A parameter is wrong, unknown or missing' },
  token_in_query: { status: 400, title: 'A token in the URL' },
  cursor_invalid: { status: 400, title: 'The cursor is not from this list' },
  idempotency_key_malformed: { status: 400, title: 'The Idempotency-Key is malformed' },
  consistency_range: { status: 400, title: 'The sizes are not of this log' },
  json_malformed: { status: 400, title: 'The body is not JSON' },
  json_number_too_large: { status: 400, title: 'A JSON number is too large' },
  json_duplicate_member: { status: 400, title: 'A JSON object names a member twice' },
  json_not_utf8: { status: 400, title: 'The body is not UTF-8' },
  json_too_deep: { status: 400, title: 'The JSON is nested too deeply' },
  json_string_too_long: { status: 400, title: 'A JSON string is too long' },
  json_too_many_values: { status: 400, title: 'The JSON holds too many values' },
  encoding_malformed: { status: 400, title: 'The body is not what its Content-Encoding says' },
  body_interrupted: { status: 400, title: 'The body ended early' },

  login_state_invalid: { status: 400, title: 'The login was not begun here' },

  unauthenticated: { status: 401, title: 'No valid token' },
  certificate_refused: { status: 401, title: 'The certificate is refused' },
  token_damaged: { status: 401, title: 'The token is damaged' },
  credential_ended: { status: 401, title: 'The token ended a moment ago' },
  jwt_malformed: { status: 401, title: 'The JWT is malformed' },
  jwt_header_refused: { status: 401, title: "The JWT's header is refused" },
  jwt_algorithm_refused: { status: 401, title: "The JWT's algorithm is refused" },
  jwt_issuer_unknown: { status: 401, title: "The JWT's issuer is not configured" },
  jwt_key_unknown: { status: 401, title: "The JWT's key is not known" },
  jwt_signature_invalid: { status: 401, title: "The JWT's signature is wrong" },
  jwt_audience_wrong: { status: 401, title: 'The JWT is for another audience' },
  jwt_expired: { status: 401, title: 'The JWT has expired' },
  jwt_not_yet_valid: { status: 401, title: 'The JWT is not valid yet' },
  jwt_lifetime_too_long: { status: 401, title: 'The JWT lives too long' },
  jwt_claim_malformed: { status: 401, title: 'A claim of the JWT is missing or malformed' },
  jwt_replayed: { status: 401, title: 'The JWT was used before' },

  scope_missing: { status: 403, title: 'The token may not do this' },
  cross_site: { status: 403, title: 'The request comes from another site' },
  not_entitled: { status: 403, title: 'You may not log in here' },
  login_refused: { status: 403, title: 'The provider refused the login' },
  login_token_invalid: { status: 403, title: 'The ID token is refused' },
  outside_confinement: { status: 403, title: 'The token is confined to something else' },
  token_outlives: { status: 403, title: 'The token would outlive what it is issued with' },
  principal_foreign: { status: 403, title: 'The token may not act for this principal' },
  identity_unknown: { status: 403, title: 'No rule knows this identity' },
  identity_refused: { status: 403, title: 'The identity is refused' },
  person_required: { status: 403, title: 'Only a person can do this' },
  second_person_required: { status: 403, title: 'This credential is not enough where a second person is needed' },
  own_change: { status: 403, title: 'Nobody approves their own change' },
  own_review: { status: 403, title: 'Nobody closes the review of their own decision' },
  foreign_waiver: { status: 403, title: 'The waiver was requested by somebody else' },
  own_waiver: { status: 403, title: 'Nobody approves their own waiver' },
  waiver_approver_not_proven: { status: 403, title: 'Only who logged in can approve a waiver' },
  linking_forbidden: { status: 403, title: 'The token may not declare links' },

  not_found: { status: 404, title: 'There is none' },
  binding_not_found: { status: 404, title: 'There is no such binding' },
  policy_not_found: { status: 404, title: 'There is no such policy or version' },
  block_not_found: { status: 404, title: 'There is no such block' },
  project_not_found: { status: 404, title: 'There is no such project' },
  team_not_found: { status: 404, title: 'There is no such team' },
  window_not_found: { status: 404, title: 'There is no such window' },
  freeze_not_found: { status: 404, title: 'There is no such freeze' },
  issuer_not_found: { status: 404, title: 'There is no such issuer' },
  entry_not_found: { status: 404, title: 'The log has no such entry' },
  path_unknown: { status: 404, title: 'There is nothing at this path' },

  method_not_allowed: { status: 405, title: 'This path does not have the method' },
  not_acceptable: { status: 406, title: 'None of the accepted types is offered' },
  idempotency_repeated: { status: 409, title: 'The same request was carried out a moment ago' },
  token_superseded: { status: 409, title: 'The token was replaced already' },
  token_ended: { status: 409, title: 'The token works no more' },
  token_not_replaceable: { status: 409, title: 'This credential cannot be replaced' },
  issuer_url_taken: { status: 409, title: 'Another issuer has this address' },
  issuers_too_many: { status: 409, title: 'There are too many issuers' },
  principal_name_taken: { status: 409, title: 'Another principal has this name' },
  identity_taken: { status: 409, title: 'The identity belongs to another principal' },
  change_outdated: { status: 409, title: 'What was to be changed has changed' },
  changes_too_many: { status: 409, title: 'Too many changes wait for a second person' },
  change_decided: { status: 409, title: 'The change was decided already' },
  change_expired: { status: 409, title: 'The change has expired' },
  change_proposer_disabled: { status: 409, title: 'Whoever proposed the change is disabled' },
  approval_ended: { status: 409, title: 'The request takes no answer any more' },
  approvals_too_many: { status: 409, title: 'Too many requests for approval are open' },
  review_closed: { status: 409, title: 'The review was closed already' },
  waiver_decided: { status: 409, title: 'The waiver was decided already' },
  waiver_expired: { status: 409, title: 'The waiver has expired' },
  waiver_not_approved: { status: 409, title: 'The waiver is not approved' },
  waiver_voted: { status: 409, title: 'You approved the waiver already' },
  waiver_requester_disabled: { status: 409, title: 'Whoever requested the waiver is disabled' },
  waivers_too_many: { status: 409, title: 'Too many waivers wait' },
  block_over: { status: 409, title: 'The block is over already' },
  blocks_too_many: { status: 409, title: 'There are too many blocks' },
  deployment_finished: { status: 409, title: 'The deployment ended otherwise' },
  operation_finished: { status: 409, title: 'The operation has ended' },
  project_overlaps: { status: 409, title: 'It may belong to another project' },
  windows_too_many: { status: 409, title: 'There are too many windows' },
  freezes_too_many: { status: 409, title: 'There are too many freezes' },
  projects_too_many: { status: 409, title: 'There are too many projects' },
  team_owns_projects: { status: 409, title: 'The team owns projects' },
  teams_too_many: { status: 409, title: 'There are too many teams' },
  policy_name_taken: { status: 409, title: 'The name belongs to a shipped policy' },
  policy_bindings_unfit: { status: 409, title: 'Bindings have parameters that the version does not take' },
  policy_in_use: { status: 409, title: 'Bindings use the policy' },
  policy_shipped: { status: 409, title: 'The policy comes with Portcullis' },
  policies_too_many: { status: 409, title: 'There are too many policies' },
  policy_versions_too_many: { status: 409, title: 'The policy has too many versions' },
  body_too_slow: { status: 408, title: 'The body came too slowly' },
  body_too_large: { status: 413, title: 'The body is too large' },
  media_type_unsupported: { status: 415, title: 'The Content-Type is not understood' },
  charset_unsupported: { status: 415, title: 'The charset is not understood' },
  encoding_unsupported: { status: 415, title: 'The Content-Encoding is not understood' },

  invalid_body: { status: 422, title: 'The body does not fit the contract' },
  idempotency_key_reused: { status: 422, title: 'The Idempotency-Key was used for another request' },
  subject_missing: { status: 422, title: 'No subject was given' },
  subject_malformed: { status: 422, title: 'The subject is malformed' },
  subject_is_tag: { status: 422, title: 'The subject is a tag, not a digest' },
  source_malformed: { status: 422, title: 'The source is not a source revision' },
  name_malformed: { status: 422, title: 'A name is malformed' },
  name_missing: { status: 422, title: 'A name is missing' },
  environment_missing: { status: 422, title: 'The environment must be named' },
  at_needs_dry_run: { status: 422, title: 'Another time needs a dry run' },
  at_malformed: { status: 422, title: 'The time is malformed' },
  backtest_period: { status: 422, title: 'The period of the backtest is malformed' },
  backtest_binding_unknown: { status: 422, title: 'There is no such binding to try' },
  context_too_large: { status: 422, title: 'The context is too large' },
  delivery_malformed: { status: 422, title: 'The archive is malformed' },
  delivery_entry_refused: { status: 422, title: 'An entry of the archive is refused' },
  delivery_too_many: { status: 422, title: 'The archive holds too many files' },
  delivery_empty: { status: 422, title: 'The archive is empty' },
  started_malformed: { status: 422, title: 'The time of the start is malformed' },
  started_in_future: { status: 422, title: 'The start is dated in the future' },
  decision_unknown: { status: 422, title: 'There is no such decision' },
  repository_missing: { status: 422, title: 'The repository must be named' },
  report_empty: { status: 422, title: 'The report is empty' },
  report_malformed: { status: 422, title: 'The report is malformed' },
  report_wrong_format: { status: 422, title: 'The report is of another format' },
  report_is_tool_error: { status: 422, title: 'The report is an error of the tool' },
  report_format_unknown: { status: 422, title: 'The format is not known' },
  report_format_ambiguous: { status: 422, title: 'The format must be named' },
  report_too_complex: { status: 422, title: 'The report is too complex' },
  report_too_slow: { status: 422, title: 'Reading the report took too long' },
  report_from_future: { status: 422, title: 'The report is dated in the future' },
  index_digest_mismatch: { status: 422, title: 'The index has another digest' },
  xml_doctype_refused: { status: 422, title: 'The XML carries an internal DTD' },
  binding_name_malformed: { status: 422, title: "The binding's name is malformed" },
  pack_not_found: { status: 422, title: 'There is no such pack' },
  token_invalid: { status: 422, title: 'The token cannot be issued as it stands' },
  login_invalid: { status: 422, title: 'The login of the issuer is malformed' },
  principal_invalid: { status: 422, title: 'The principal is malformed' },
  identity_malformed: { status: 422, title: 'The identity is malformed' },
  identities_too_many: { status: 422, title: 'The principal has too many identities' },
  change_text_invalid: { status: 422, title: 'The comment or reason is malformed' },
  approval_text_invalid: { status: 422, title: 'The comment or reason of the approval is malformed' },
  approval_time_invalid: { status: 422, title: 'The end of the approval is malformed' },
  approval_unreachable: { status: 422, title: 'There are not enough people who could approve' },
  break_glass_text_invalid: { status: 422, title: 'The reason or incident is malformed' },
  block_invalid: { status: 422, title: 'The block is malformed' },
  review_text_invalid: { status: 422, title: 'The comment is malformed' },
  rule_not_waivable: { status: 422, title: 'This rule can not be waived' },
  waiver_scope_invalid: { status: 422, title: 'The scope of the waiver is malformed' },
  waiver_scope_missing: { status: 422, title: 'The scope of the waiver must say where' },
  waiver_version_range: { status: 422, title: 'The range of versions can not be used' },
  waiver_expiry_invalid: { status: 422, title: 'The expiry of the waiver is not possible' },
  waiver_text_invalid: { status: 422, title: 'The reason or comment is malformed' },
  principal_unknown: { status: 422, title: 'There is no such principal' },
  issuer_invalid: { status: 422, title: 'The issuer is malformed' },
  rule_invalid: { status: 422, title: 'A rule of the issuer is malformed' },
  rule_too_wide: { status: 422, title: 'A rule of the issuer leaves open whom it is for' },
  parameters_invalid: { status: 422, title: "The parameters do not fit the pack's schema" },
  policy_refused: { status: 422, title: 'The policy is refused' },
  opa_cli_missing: { status: 422, title: 'The OPA CLI is not installed' },
  bundle_unsigned: { status: 422, title: 'The bundle is not signed' },
  bundle_signature_invalid: { status: 422, title: "The bundle's signature is wrong" },
  policy_name_malformed: { status: 422, title: "The policy's name is malformed" },
  policy_version_unusable: { status: 422, title: 'The version cannot be run' },
  policy_reason_invalid: { status: 422, title: 'The reason is malformed' },
  policy_version_not_found: { status: 422, title: 'The policy has no such version' },
  break_glass_malformed: { status: 422, title: 'The duration of break-glass is malformed' },
  validity_malformed: { status: 422, title: 'The validity is malformed' },
  selector_malformed: { status: 422, title: 'A selector is malformed' },
  resource_repeated: { status: 422, title: 'Two documents are about the same' },
  window_invalid: { status: 422, title: 'The window is malformed' },
  freeze_invalid: { status: 422, title: 'The freeze is malformed' },
  project_invalid: { status: 422, title: 'The project is malformed' },
  project_unknown: { status: 422, title: 'There is no such project' },
  team_invalid: { status: 422, title: 'The team is malformed' },
  team_unknown: { status: 422, title: 'There is no such team' },
  entry_too_long: { status: 422, title: 'The request does not fit into a log entry' },

  too_many_failed_logins: { status: 429, title: 'Too many failed logins' },
  rate_limited: { status: 429, title: 'Too many requests' },

  login_unavailable: { status: 422, title: 'Nobody can log in here' },

  internal: { status: 500, title: 'Something unexpected went wrong' },
  entry_malformed: { status: 500, title: 'A log entry could not be written' },
  log_corrupt: { status: 500, title: 'The log is damaged' },

  login_provider_failed: { status: 502, title: 'The login provider failed' },
  webhook_not_configured: { status: 404, title: 'The webhook is not set up' },
  webhook_signature_wrong: { status: 403, title: 'The signature is wrong' },
  webhook_revision_missing: { status: 422, title: 'The webhook names no revision' },
  overloaded: { status: 503, title: 'Too much is waiting' },
  block_placed: { status: 503, title: 'The subject was blocked meanwhile' },
  ground_revoked: { status: 503, title: 'What the verdict rests on was taken back' },
  issuer_unreachable: { status: 503, title: "The issuer's keys can't be had" },
  evaluator_closed: { status: 503, title: 'The service is shutting down' },
  storage_unavailable: { status: 503, title: 'The store takes no writes now' },
}

/** RFC 9457 problem details, with our members. */
export interface Problem {
  type: string
  title: string
  status: number
  detail: string
  instance: string
  code: ErrorCode
  field?: string
  remedy?: string
  requestId: string
  /** Everything that is wrong with an uploaded policy. */
  findings?: readonly PolicyFinding[]
}

const LONGEST_INSTANCE = 512
/** What a problem says that is over soon and knows no time. */
const SOON_SECONDS = 1

/** True if callers may know this failure; anything else is `internal` to them. */
export function isKnownError(error: unknown): error is AppError<ErrorCode> {
  return error instanceof AppError && Object.hasOwn(PROBLEMS, String(error.code))
}

/** The problem that a caller is told of. What is unexpected tells nothing about itself. */
export function problemOf(error: unknown, path: string, requestId: string): Problem {
  const known = isKnownError(error) ? error : internalError()
  const { status, title } = PROBLEMS[known.code]
  return {
    type: `/docs#error-${known.code}`,
    title,
    status,
    detail: known.message,
    instance: path.slice(0, LONGEST_INSTANCE),
    code: known.code,
    ...(known.field !== undefined && { field: known.field }),
    ...(known.remedy !== undefined && { remedy: known.remedy }),
    requestId,
    ...(error instanceof PolicyRefusal && { findings: error.findings }),
  }
}

/**
 * Headers that belong to a problem besides its type.
 * @param error what the problem tells of
 */
export function problemHeaders(problem: Problem, error: unknown, tokenSent: boolean): Record<string, string> {
  if (problem.status === 401) {
    return { 'www-authenticate': tokenSent ? 'Bearer realm="portcullis", error="invalid_token"' : 'Bearer realm="portcullis"' }
  }
  if (problem.status === 403) return { 'www-authenticate': 'Bearer realm="portcullis", error="insufficient_scope"' }
  if (problem.status !== 429 && problem.status !== 503) return {}
  const seconds = error instanceof AppError ? error.retryAfterSeconds : undefined
  return { 'retry-after': String(seconds ?? SOON_SECONDS) }
}

function internalError(): AppError<ErrorCode> {
  return new AppError('internal', 'The service failed in an unexpected way; its log has the reason under the request id.', {
    remedy: 'Repeat the request; if it fails again, tell whoever runs this service the request id.',
  })
}

/** The error for a resource that doesn't exist, or that the asker may not see. */
export function notFound(what: string, field: string): AppError<HttpErrorCode> {
  return new AppError('not_found', `There is no such ${what}, or this token may not see it.`, { field })
}
