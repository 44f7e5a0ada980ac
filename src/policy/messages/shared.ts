import { instantText, listArg, listed, numberArg, textArg, type RuleMessage } from './words.ts'

/** `missing_evidence` of a pack that needs the named report; `fix` says how to make one. */
export function missingEvidence(report: string, fix: string): RuleMessage {
  return () => ({ message: `No usable ${report} counts for this subject.`, fix })
}

/** `missing_platform`: `missing` names the platforms. */
export function missingPlatform(report: string): RuleMessage {
  return ({ missing = [] }) => ({
    message: `No usable ${report} covers ${missing.length === 1 ? 'the platform' : 'the platforms'} ${listed(missing)} of this image index.`,
    fix: "Scan each platform by itself and post its report for the platform's own digest, or for the index's with a tool that names the platform.",
  })
}

/** `required_scanner`: `missing` names the tools. */
export const requiredScanner: RuleMessage = ({ missing = [] }) => ({
  message: `No usable report of the required ${missing.length === 1 ? 'scanner' : 'scanners'} ${listed(missing)}.`,
  fix: `Run ${listed(missing)} and post the report to /v1/evidence for this subject.`,
})

/** `required_reports`: `missing` names the modules or shards. */
export const requiredReports: RuleMessage = ({ missing = [] }) => ({
  message: `The required ${missing.length === 1 ? 'report' : 'reports'} ${listed(missing)} ${missing.length === 1 ? 'is' : 'are'} absent.`,
  fix: `Post ${missing.length === 1 ? 'the report' : 'each report'} to /v1/evidence with its name: name=${listed(missing.slice(0, 1))}.`,
})

const UNUSABLE: Readonly<Record<string, string>> = {
  empty: 'examined nothing',
  partial: 'is incomplete',
  failed: 'says that its tool failed',
}

/** `evidence_unusable`, which the service reports for every pack. */
const evidenceUnusable: RuleMessage = (result) => {
  const format = textArg(result, 'format') ?? 'unnamed'
  const name = textArg(result, 'name')
  const stated = textArg(result, 'stated')
  const reason = textArg(result, 'reason')?.replace(/\.$/, '')
  const mismatch = result.args?.['mismatch'] === true
  const why = mismatch
    ? `is about another artifact${stated === undefined ? '' : ` (${stated})`}`
    : `${UNUSABLE[textArg(result, 'completeness') ?? ''] ?? 'is not usable'}${reason === undefined ? '' : `: ${reason}`}`
  return {
    message: `The newest ${format} report${name === undefined ? '' : ` "${name}"`} ${why}. It satisfies nothing, and what the one before it found still counts.`,
    fix: mismatch
      ? 'Post the report for the digest that it names, or scan this subject and post that report.'
      : 'Run the tool again until it completes, and post the new report under the same name.',
  }
}

/** `ambiguous_source`, which the service reports for every pack. */
const ambiguousSource: RuleMessage = (result) => {
  const declarers = listArg(result, 'declarers')
  const by = declarers.length === 0 ? '' : ` (declared by ${listed(declarers)})`
  return {
    message: `The artifact is linked to ${numberArg(result, 'sources') || 'several'} different source revisions${by}, so whose reports belong to it is open.`,
    fix: 'Rebuild the artifact from one revision, or set the parameter "sources" of the binding to "any" if several are right.',
  }
}

/** `no_baseline`, which the service reports for every pack with a baseline. */
const noBaseline: RuleMessage = (result) => {
  const reports = listed(listArg(result, 'reports'))
  const environment = textArg(result, 'environment')
  const absent =
    environment === undefined
      ? `No ${reports} report of this repository was there by ${textArg(result, 'by') ?? 'then'}`
      : `Nothing with a ${reports} report was deployed to ${environment} from this repository, allowed and with success`
  return {
    message: `${absent}: the baseline holds nothing of it, and all that it found counts.`,
    fix: 'Post the report under the name that it had then; debt of a report that is new since is paid or waived, or the binding gets a later snapshot.',
  }
}

/** `baseline_expired`, which the service reports for every pack with a baseline. */
const baselineExpired: RuleMessage = (result) => ({
  message: `The baseline, owned by ${textArg(result, 'owner') ?? 'nobody'}, expired at ${instantText(numberArg(result, 'expires'))}: everything counts again.`,
  fix: 'Pay what is left of the old debt, or let a policy administrator agree on a new expiry with its owner: PUT /v1/bindings/{name}.',
})

/** Rules that the service itself reports under the name of any pack. */
export const COMMON_MESSAGES: Readonly<Record<string, RuleMessage>> = {
  evidence_unusable: evidenceUnusable,
  ambiguous_source: ambiguousSource,
  no_baseline: noBaseline,
  baseline_expired: baselineExpired,
}
