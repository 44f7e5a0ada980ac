import type { SelectionContext, SelectionRules } from '../evidence-selection.ts'
import type { FactsReader } from '../ports.ts'
import { SubjectView } from '../subject-view.ts'
import { contentOf, united, type BaselineContent } from './content.ts'
import { baselineLane, laneDigest, type BaselineLane } from './lanes.ts'

/** Subjects that are looked at, newest first, until one of them had a report that counted. */
const MOST_SUBJECTS = 20

/**
 * What the newest complete report of a lane that was received by an instant found: what a decision of then would have seen of it, the
 * other parts and platforms of the same subject included.
 * @param at milliseconds since the epoch
 * @returns undefined if no report of the lane counted by then
 */
export async function foundBy(
  reader: FactsReader,
  context: SelectionContext,
  rules: SelectionRules,
  lane: BaselineLane,
  at: number,
): Promise<BaselineContent | undefined> {
  const until = Math.min(at, context.until ?? at)
  for (const subject of await reader.subjectsReporting(lane, until, MOST_SUBJECTS)) {
    const found = await foundAbout(reader, { ...context, subject, until }, { ...rules, classes: [lane.class] }, lane)
    if (found) return found
  }
  return undefined
}

async function foundAbout(reader: FactsReader, context: SelectionContext, rules: SelectionRules, lane: BaselineLane) {
  const view = await SubjectView.read(reader, context, undefined)
  const indexes = view.facts.links.filter(({ kind, to }) => kind === 'platform' && to === context.subject).map(({ from }) => from)
  const wholes = await Promise.all(
    [...new Set(indexes)].slice(0, MOST_SUBJECTS).map((subject) => SubjectView.read(reader, { ...context, subject }, undefined)),
  )
  const contents = await Promise.all([view, ...wholes].map((one) => contentsIn(one, rules, lane)))
  return united(contents.flat())
}

async function contentsIn(view: SubjectView, rules: SelectionRules, lane: BaselineLane): Promise<BaselineContent[]> {
  const wanted = laneDigest(lane)
  const { selection, documents } = await view.gathered(rules)
  return selection.counted
    .filter((item) => laneDigest(baselineLane(item)) === wanted)
    .flatMap(({ evidence }) => {
      const document = documents.get(evidence.id)
      return document ? [contentOf(document, lane.class)] : []
    })
}
