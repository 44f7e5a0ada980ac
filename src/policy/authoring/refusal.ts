import { AppError } from '../../core/app-error.ts'
import type { PolicyFinding } from './finding.ts'

export type PolicyRefusalErrorCode = 'policy_refused' | 'opa_cli_missing' | 'bundle_unsigned' | 'bundle_signature_invalid'

/** Why an upload becomes no policy, with everything that is wrong with it. */
export class PolicyRefusal extends AppError<PolicyRefusalErrorCode> {
  readonly findings: readonly PolicyFinding[]

  constructor(findings: readonly [PolicyFinding, ...PolicyFinding[]]) {
    const telling = findings.find(({ code }) => hasOwnCode(code))
    const first = telling ?? findings[0]
    const more = findings.length - 1
    super(
      telling && hasOwnCode(telling.code) ? telling.code : 'policy_refused',
      `${sentence(first)}${more > 0 ? ` And ${more} more.` : ''}`,
      {
        field: first.file ?? 'body',
        remedy: first.fix,
      },
    )
    this.findings = findings
  }
}

/** What concerns the upload as a whole, or this service: programs tell it apart by the code of the problem. */
function hasOwnCode(code: string): code is Exclude<PolicyRefusalErrorCode, 'policy_refused'> {
  return code === 'opa_cli_missing' || code === 'bundle_unsigned' || code === 'bundle_signature_invalid'
}

function sentence({ file, line, message }: PolicyFinding): string {
  return file === null ? message : `${file}${line === null ? '' : `:${line}`}: ${message}`
}
