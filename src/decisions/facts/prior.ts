import { isSamePlace } from '../../core/place-name.ts'
import { effectiveParameters } from '../../policy/effective-parameters.ts'
import type { InputPriorDecision } from '../../policy/input.ts'
import type { FactsReader } from '../ports.ts'
import type { Fact, FactContext } from './fact.ts'

/**
 * The newest enforced decisions that a later stage may rely on: those of its own environment, and of the stages that the parameter
 * `requiredStages` names in any. An index's allow admits its platforms; a platform's admits only itself.
 */
export async function priorFact({ plan, question, view }: FactContext, reader: Pick<FactsReader, 'priorDecisions'>): Promise<Fact> {
  const indexes = view.facts.links.filter((link) => link.kind === 'platform' && link.to === question.subject.id).map((link) => link.from)
  const decisions = await reader.priorDecisions([question.subject.id, ...indexes])
  const stages = requiredStages(plan.parameters, question.environment)
  const value = decisions
    .filter(({ environment, stage }) => environment === question.environment || stages.some((name) => isSamePlace(name, stage)))
    .filter(({ repository }) => view.concernsAsker(repository))
    .map((decision): InputPriorDecision => ({
      id: decision.id,
      verdict: decision.verdict,
      stage: decision.stage,
      environment: decision.environment,
      repository: decision.repository,
      // To the millisecond: what is decided within a second of a denial comes after it all the same.
      at: Date.parse(decision.at) / 1000,
      expires: Math.floor(Date.parse(decision.expiresAt) / 1000),
    }))
  return { value }
}

/** The stages whose decisions in any environment are told too. */
export function requiredStages(parameters: Readonly<Record<string, unknown>>, environment: string): string[] {
  const stages = effectiveParameters(parameters, environment)['requiredStages']
  return Array.isArray(stages) ? stages.filter((name): name is string => typeof name === 'string') : []
}
