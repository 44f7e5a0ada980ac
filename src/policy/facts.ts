/**
 * What a pack can be told besides evidence: each is a key of its input, null unless the pack's METADATA asks for it (`custom.facts`).
 * - `calendar`: windows and freezes of the environment in relation to the time of the decision
 * - `prior`: the newest enforced decisions about the subject
 * - `rollback`: what going back to the subject would be, at stage `rollback`
 * - `approvals`: the approvals that are in force for the subject at this stage and environment, and what is against each of them
 * - `promotion`: how long the subject ran elsewhere, what else is on its way here, and where going to it would be a step back
 */
export const FACT_NAMES = ['calendar', 'prior', 'rollback', 'approvals', 'promotion'] as const

export type FactName = (typeof FACT_NAMES)[number]
