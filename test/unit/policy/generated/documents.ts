import fc from 'fast-check'

import type { EvidenceClass } from '../../../../src/core/evidence-class.ts'
import { name } from './words.ts'

export const NOW = 1_800_000_000

/** A time near that of the decision, in seconds. */
export const time = fc.oneof(
  fc.constantFrom(NOW, NOW - 1, NOW + 1),
  fc.integer({ min: -48, max: 48 }).map((hours) => NOW + hours * 3600),
)

const planned = fc.option(time)

const changeRecord = fc.record({
  ticket: fc.constantFrom('CHG1', 'CHG12', 'OPS-7', 'chg1', '7'),
  state: name,
  approved: fc.option(fc.boolean()),
  type: fc.option(name),
  planned_start: planned,
  planned_end: planned,
  planned_start_at: fc.option(fc.constant('2027-01-15T08:00:00.000Z')),
  back_out_plan: fc.boolean(),
})

/** What packs read whole, in the form of each class: a class that is not here would never be seen by its pack. */
export const DOCUMENTS: Partial<Record<EvidenceClass, fc.Arbitrary<Record<string, unknown>>>> = {
  'change-record': changeRecord,
}
