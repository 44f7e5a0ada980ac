import { counted, listArg, listed, numberArg, type RuleMessage } from './words.ts'

/** What is against an approval, as `governance/four-eyes.ts` and the service name it. */
const OBJECTIONS: Readonly<Record<string, string>> = {
  approver_no_person: 'no person',
  approver_not_proven: 'did not log in',
  approver_disabled: 'is disabled',
  own_request: 'asked for it',
  own_work: 'took part in the change',
  author_unverified: 'nobody knows for sure who made the change',
  contributor_unknown: 'somebody who took part is linked to no principal',
  expired: 'approved too long ago',
}

const missingApprovals: RuleMessage = (result) => {
  const [required, given, groups] = [numberArg(result, 'required'), numberArg(result, 'given'), listArg(result, 'groups')]
  const whose = groups.length === 0 ? '' : ` of ${groups.length === 1 ? 'group' : 'groups'} ${groups.join(' or ')}`
  const [excluded, others] = [listArg(result, 'excluded'), listArg(result, 'others')]
  const unheard = [
    ...(excluded.length === 0 ? [] : [`not counted: ${listed(excluded.map(explained))}`]),
    ...(others.length === 0 ? [] : [`counted for nothing here: ${listed(others)}`]),
  ]
  return {
    message: `${counted(required, 'approval')}${whose} ${required === 1 ? 'is' : 'are'} needed, ${given} given${unheard.length === 0 ? '' : ` (${unheard.join('; ')})`}.`,
    fix: excluded.some((line) => line.includes('author_unverified') || line.includes('contributor_unknown'))
      ? 'Let a principal other than the asker post the forge’s document about the change (docs/evidence.md), and link the logins that it names to principals; or let others approve.'
      : `Let ${groups.length === 0 ? 'somebody' : `somebody${whose}`} approve this very digest: POST /v1/approvals. Ask them with "action": "request", and wait with Prefer: wait=60.`,
  }
}

/** `ann: own_work, own_request` as a person would say it. */
function explained(line: string): string {
  const at = line.lastIndexOf(': ')
  const reasons = line.slice(at + 2).split(', ')
  return `${line.slice(0, at)} (${reasons.map((reason) => OBJECTIONS[reason] ?? reason).join(', ')})`
}

/** The sentences of pack `approvals`. */
export const APPROVAL_MESSAGES: Readonly<Record<string, RuleMessage>> = { missing_approvals: missingApprovals }
