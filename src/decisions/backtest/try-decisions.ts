import type { CatalogueSource, ExactVersion } from '../../policy/catalogue.ts'
import type { PolicyEvaluator } from '../../policy/evaluator.ts'
import type { RunnableVersions } from '../../policy/versions/runnable-versions.ts'
import { ruledDecision } from '../compose-decision.ts'
import type { RecordedDecision } from '../decision.ts'
import type { StoredDecision } from '../ports.ts'
import type { ReferenceForm } from '../reference-form.ts'
import { RecompositionError } from '../replay/obstacle.ts'
import { versionsOf } from '../replay/recompose.ts'
import { UNMEASURED } from '../replay/replay.ts'
import { ruleOn } from '../ruling.ts'
import { TrialError, type Candidate, type KnownVersions } from './candidate.ts'
import { flipOf, type Flip } from './flip.ts'

/** What trying a version on some recorded decisions gave. */
export interface Trial {
  /** Decisions with the same verdict. */
  same: number
  /** Decisions to which the version has nothing to say. */
  skipped: number
  flips: Flip[]
  /** Decisions that can't be tried, and why. */
  errors: { decision: string; code: string }[]
}

/** What decisions are tried with. */
export interface TrialParts {
  candidate: Candidate
  evaluator: PolicyEvaluator
  catalogues: Pick<CatalogueSource, 'current'>
  versions: Pick<RunnableVersions, 'during'>
}

interface RecordedInput {
  decision: RecordedDecision
  form: ReferenceForm
}

/** Tries a version on recorded decisions, some of them side by side. */
export async function tryDecisions(stored: readonly StoredDecision[], parts: TrialParts): Promise<Trial> {
  const trial: Trial = { same: 0, skipped: 0, flips: [], errors: [] }
  const recorded = stored.map(({ decision, input }) => ({ decision, form: JSON.parse(input) as ReferenceForm }))
  const wanted = [...parts.candidate.versions, ...distinct(recorded.flatMap(({ form }) => versionsOf(form)))]
  await parts.versions.during(wanted, async (faults) => {
    const known = { catalogue: await parts.catalogues.current(wanted), faults }
    for (let at = 0; at < recorded.length; at += SIDE_BY_SIDE) {
      await Promise.all(recorded.slice(at, at + SIDE_BY_SIDE).map((each) => tryOne(each, known, parts, trial)))
    }
  })
  trial.flips.sort((a, b) => a.logIndex - b.logIndex)
  return trial
}

function distinct(versions: readonly ExactVersion[]): ExactVersion[] {
  return [...new Map(versions.map((version) => [`${version.name} ${version.digest}`, version])).values()]
}

const SIDE_BY_SIDE = 16

async function tryOne(
  { decision, form }: RecordedInput,
  known: KnownVersions,
  { candidate, evaluator }: TrialParts,
  trial: Trial,
): Promise<void> {
  try {
    const tried = await candidate.gather(form, known)
    if (!tried) {
      trial.skipped++
      return
    }
    const { question, gathered } = tried
    const flip = flipOf(decision, ruledDecision(gathered, await ruleOn(question, gathered, { evaluator, telemetry: UNMEASURED })))
    if (flip) trial.flips.push(flip)
    else trial.same++
  } catch (error) {
    const code = error instanceof RecompositionError ? error.obstacle.code : error instanceof TrialError ? error.code : undefined
    if (code === undefined) throw error
    trial.errors.push({ decision: decision.id, code })
  }
}
