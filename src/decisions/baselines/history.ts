import type { SelectionContext, SelectionRules } from '../evidence-selection.ts'
import type { FactsReader } from '../ports.ts'
import { SubjectView } from '../subject-view.ts'
import { contentOf, united, type BaselineContent } from './content.ts'
import { baselineLane, laneDigest, type BaselineLane } from './lanes.ts'

/** From where and for whom history is read. */
export interface HistoryParts {
  reader: FactsReader
  /** The judged subject doesn't matter. */
  context: SelectionContext
  rules: SelectionRules
}

/** Subjects that are looked at, newest first, until one of them had a report that counted. */
const MOST_SUBJECTS = 20

/**
 * What the newest complete report of a lane found that was received by an instant.
 * @param at milliseconds since the epoch
 * @returns undefined if no report of the lane counted by then
 */
export async function foundBy(parts: HistoryParts, lane: BaselineLane, at: number): Promise<BaselineContent | undefined> {
  const until = Math.min(at, parts.context.until ?? at)
  for (const subject of await parts.reader.subjectsReporting(lane, until, MOST_SUBJECTS)) {
    const found = await foundAbout(parts, lane, subject, until)
    if (found) return found
  }
  return undefined
}

/**
 * What a decision about a subject would have seen of a lane at an instant: its newest report, with the other parts and platforms of
 * the same subject.
 * @param at milliseconds since the epoch
 */
export async function foundAbout(
  { reader, context, rules }: HistoryParts,
  lane: BaselineLane,
  subject: string,
  at: number,
): Promise<BaselineContent | undefined> {
  const then = { ...context, until: Math.min(at, context.until ?? at) }
  const view = await SubjectView.read(reader, { ...then, subject }, undefined)
  const indexes = new Set(view.facts.links.filter(({ kind, to }) => kind === 'platform' && to === subject).map(({ from }) => from))
  const wholes = [...indexes].slice(0, MOST_SUBJECTS).map((index) => SubjectView.read(reader, { ...then, subject: index }, undefined))
  const contents = await Promise.all([view, ...(await Promise.all(wholes))].map((one) => contentsIn(one, rules, lane)))
  return united(contents.flat())
}

async function contentsIn(view: SubjectView, rules: SelectionRules, lane: BaselineLane): Promise<BaselineContent[]> {
  const wanted = laneDigest(lane)
  const { selection, documents } = await view.gathered({ ...rules, classes: [lane.class] })
  return selection.counted
    .filter((item) => laneDigest(baselineLane(item)) === wanted)
    .flatMap(({ evidence }) => {
      const document = documents.get(evidence.id)
      return document ? [contentOf(document, lane.class)] : []
    })
}
