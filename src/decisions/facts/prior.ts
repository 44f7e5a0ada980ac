import type { InputPriorDecision } from '../../policy/input.ts'
import type { FactsReader } from '../ports.ts'
import type { Fact, FactContext } from './fact.ts'

/** The newest enforced decisions that a later stage may rely on. An index's allow admits its platforms; a platform's admits only itself. */
export async function priorFact({ question, view }: FactContext, reader: Pick<FactsReader, 'priorDecisions'>): Promise<Fact> {
  const indexes = view.facts.links.filter((link) => link.kind === 'platform' && link.to === question.subject.id).map((link) => link.from)
  const decisions = await reader.priorDecisions([question.subject.id, ...indexes])
  const value = decisions
    .filter((decision) => decision.environment === question.environment && view.concernsAsker(decision.repository))
    .map((decision): InputPriorDecision => ({
      id: decision.id,
      verdict: decision.verdict,
      stage: decision.stage,
      environment: decision.environment,
      repository: decision.repository,
      at: Math.floor(Date.parse(decision.at) / 1000),
      expires: Math.floor(Date.parse(decision.expiresAt) / 1000),
    }))
  return { value }
}
