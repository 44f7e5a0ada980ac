import { AppError } from '../../core/app-error.ts'
import type { ApprovalErrorCode } from './errors.ts'
import { everyRequirement } from './parameters.ts'

/** Who could approve. */
export interface Approvers {
  /** How many enabled people there are in any of the groups; where none is named, in all. */
  peopleIn(groups: readonly string[]): Promise<number>
  /** The groups that a login provider puts people into, who may not have come yet. */
  groupsOfLogins(): Promise<ReadonlySet<string>>
}

/**
 * Refuses a demand for approvals that its groups can't meet.
 * @param parameters of the pack `approvals`, checked and filled in by its schema
 * @throws {AppError} `approval_unreachable`
 */
export async function requireReachable(parameters: Readonly<Record<string, unknown>>, approvers: Approvers): Promise<void> {
  const mapped = await approvers.groupsOfLogins()
  for (const { required, groups } of everyRequirement(parameters)) {
    if (groups.length === 0 ? mapped.size > 0 : groups.some((group) => mapped.has(group))) continue
    const people = await approvers.peopleIn(groups)
    if (people < required) throw unreachable(required, groups, people)
  }
}

function unreachable(required: number, groups: readonly string[], people: number): AppError<ApprovalErrorCode> {
  const whose = groups.length === 0 ? 'in all' : `in ${groups.length === 1 ? 'group' : 'groups'} ${groups.slice(0, 10).join(', ')}`
  return new AppError(
    'approval_unreachable',
    `${required} ${required === 1 ? 'approval is' : 'approvals are'} demanded, and there ${people === 1 ? 'is 1 person' : `are ${people} people`} ${whose}.`,
    {
      field: 'body.parameters',
      remedy: 'Put enough people into the groups first: PUT /v1/principals/NAME, or the groups in login of an issuer.',
    },
  )
}
