import type { Binding, Mode } from './model.ts'

/** How strict a fresh service is. */
export const PROFILES = ['standard', 'observe', 'strict'] as const
export type Profile = (typeof PROFILES)[number]

/** A binding before the store has numbered and signed it off. */
export type DefaultBinding = Omit<Binding, 'revision' | 'updatedAt' | 'updatedBy'>

const RELEASE_STAGES = ['staging', 'approval', 'production', 'deploy', 'release']
const EVERY_JUDGING_STAGE = ['!source', '!admission']
const VALID_FOR = 'P7D'
/** A way back that was allowed and not taken doesn't stay open. */
const ROLLBACK_VALID_FOR = 'PT1H'

/**
 * The bindings of a fresh store.
 * - `standard`: enforces what nearly everyone wants and warns of the rest
 * - `observe`: the same, without any effect on verdicts
 * - `strict`: enforces everything and demands all evidence wherever a pack is bound
 */
export function defaultBindings(profile: Profile): DefaultBinding[] {
  const strict = profile === 'strict'
  const mode = (standard: Mode): Mode => (profile === 'observe' ? 'shadow' : strict ? 'enforce' : standard)
  const binding = (pack: string, stage: readonly string[], standard: Mode, parameters: Record<string, unknown>): DefaultBinding => ({
    name: pack,
    pack,
    version: 'latest',
    stage: [...stage],
    mode: mode(standard),
    validFor: VALID_FOR,
    parameters,
  })
  const demanded = { missing: 'violation' }
  return [
    binding('vulnerabilities', EVERY_JUDGING_STAGE, 'enforce', strict ? demanded : demandedAtRelease()),
    binding('findings', EVERY_JUDGING_STAGE, 'enforce', strict ? demanded : { missing: 'ignore' }),
    binding('tests', RELEASE_STAGES, 'enforce', strict ? demanded : { missing: 'warning' }),
    binding('coverage', RELEASE_STAGES, 'warn', demanded),
    binding('change-window', ['production'], 'enforce', {}),
    { ...binding('rollback', ['rollback'], 'enforce', { withinDays: 90 }), validFor: ROLLBACK_VALID_FOR },
    binding('verdict', ['admission'], 'enforce', {}),
  ]
}

function demandedAtRelease(): Record<string, unknown> {
  return { missing: 'warning', missingByStage: Object.fromEntries(RELEASE_STAGES.map((stage) => [stage, 'violation'])) }
}
