import { durationMs } from '../../core/duration.ts'
import type { ApprovalRequirement } from './standing.ts'

/** How far an approver has to be apart from who made the change, and from who asks. */
export interface ApprovalFourEyes {
  /**
   * `verified`: nothing counts until a forge says who the author is. `named`: whoever is named as a contributor doesn't count. `off`: anybody may
   * approve their own work.
   */
  authors: 'verified' | 'named' | 'off'
  /** Whether whoever asks for the decision, or requested the approval, is left out. */
  requester: boolean
}

/** What the pack `approvals` demands in one environment. */
export interface ApprovalRules {
  requirements: readonly ApprovalRequirement[]
  fourEyes: ApprovalFourEyes
  /** How long an approval counts, in milliseconds. */
  validForMs: number
}

type Parameters = Readonly<Record<string, unknown>>

/**
 * Reads the parameters of the pack `approvals` for an environment. A pack that has none of them counts by itself.
 * @param parameters checked and filled in by the pack's schema
 */
export function approvalRules(parameters: Parameters, environment: string): ApprovalRules {
  const effective = parametersAt(parameters, environment)
  const fourEyes = (effective['fourEyes'] ?? {}) as Partial<ApprovalFourEyes>
  return {
    requirements: requirementsIn(effective),
    fourEyes: { authors: fourEyes.authors ?? 'verified', requester: fourEyes.requester ?? true },
    validForMs: durationMs(String(effective['validFor'])) ?? 0,
  }
}

/** The requirements of every environment that has its own, and those of all others. */
export function everyRequirement(parameters: Parameters): ApprovalRequirement[] {
  const named = Object.keys(parameters['environments'] ?? {})
  const places = [parameters, ...named.map((name) => parametersAt(parameters, name))]
  return [...new Map(places.flatMap(requirementsIn).map((requirement) => [JSON.stringify(requirement), requirement])).values()]
}

function requirementsIn(effective: Parameters): ApprovalRequirement[] {
  const { required, groups, also } = effective
  if (typeof required !== 'number') return []
  return [{ required, groups: groups as readonly string[] }, ...((also ?? []) as readonly ApprovalRequirement[])].map((requirement) => ({
    required: requirement.required,
    groups: requirement.groups,
  }))
}

/** The parameters with the values of an environment laid over them, as `lib/settings.rego` does it. */
function parametersAt(parameters: Parameters, environment: string): Parameters {
  const table = (parameters['environments'] ?? {}) as Readonly<Record<string, Parameters>>
  const spelling = Object.hasOwn(table, environment)
    ? environment
    : Object.keys(table)
        .filter((name) => name.toLowerCase() === environment.toLowerCase())
        .sort()[0]
  const overrides = spelling === undefined ? undefined : table[spelling]
  return overrides ? union(parameters, overrides) : parameters
}

/** Objects are laid over each other member by member; any other value is replaced. */
function union(below: Parameters, above: Parameters): Parameters {
  return {
    ...below,
    ...Object.fromEntries(
      Object.entries(above).map(([key, value]) => {
        const under = below[key]
        return [key, isObject(under) && isObject(value) ? union(under, value) : value]
      }),
    ),
  }
}

function isObject(value: unknown): value is Parameters {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
