/**
 * What a pack can be told besides evidence: each is a key of its input, null unless the pack's METADATA asks for it (`custom.facts`).
 * - `calendar`: windows and freezes of the environment in relation to the time of the decision
 * - `prior`: the newest enforced decisions about the subject
 */
export const FACT_NAMES = ['calendar', 'prior'] as const

export type FactName = (typeof FACT_NAMES)[number]
