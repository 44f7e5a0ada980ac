/** How many people have to approve: of any of the groups, or anybody who may approve where none is named. */
export interface ApprovalRequirement {
  required: number
  groups: readonly string[]
}

/** An approval as it is counted. */
export interface CountedApproval {
  /** Groups of the approver, as they are now. */
  groups: readonly string[]
  /** Why it doesn't count; nothing if it does. */
  objections: readonly string[]
  /** Those (by their place in the list) behind which the same person could stand. */
  notWith: readonly number[]
  /** Milliseconds since the epoch. */
  expiresAt: number
}

/** A requirement with the approvals that were given for it, by their places in the list. */
export interface RequirementStanding extends ApprovalRequirement {
  given: readonly number[]
}

/**
 * Counts approvals. Each person counts for every requirement whose groups they are in; of two behind whom the same person could stand, one
 * counts. Whoever stands in the way of fewer goes first, so that a further approval never takes from what was there.
 */
export function approvalStanding(
  requirements: readonly ApprovalRequirement[],
  approvals: readonly CountedApproval[],
): RequirementStanding[] {
  const order = [...approvals.keys()].sort((a, b) => conflicts(approvals, a) - conflicts(approvals, b) || a - b)
  return requirements.map((requirement) => {
    const given: number[] = []
    for (const at of order) {
      const approval = approvals[at]
      if (!approval || approval.objections.length > 0 || !isAmong(approval, requirement.groups)) continue
      if (!given.some((other) => approval.notWith.includes(other))) given.push(at)
    }
    return { ...requirement, given: given.sort((a, b) => a - b) }
  })
}

/** Of each requirement as many as it takes, those that hold longest: what an allow rests on. */
export function approvalsUsed(standing: readonly RequirementStanding[], approvals: readonly CountedApproval[]): number[] {
  const endOf = (at: number): number => approvals[at]?.expiresAt ?? 0
  return [...new Set(standing.flatMap(({ required, given }) => [...given].sort((a, b) => endOf(b) - endOf(a)).slice(0, required)))]
}

function conflicts(approvals: readonly CountedApproval[], at: number): number {
  return approvals[at]?.notWith.length ?? 0
}

function isAmong({ groups }: CountedApproval, wanted: readonly string[]): boolean {
  return wanted.length === 0 || groups.some((group) => wanted.includes(group))
}
