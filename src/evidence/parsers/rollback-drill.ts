import { parseInstant } from '../../core/time.ts'
import type { ReportParser } from '../parser.ts'
import { isOfFormat, readOwnFormat, type OwnFormat } from './own-format.ts'
import { malformed, report } from './report.ts'
import { ROLLBACK_DRILL_SCHEMA, ROLLBACK_DRILL_SCHEMA_ID } from './rollback-drill-schema.ts'

const OWN: OwnFormat = { format: 'rollback-drill', id: ROLLBACK_DRILL_SCHEMA_ID, schema: ROLLBACK_DRILL_SCHEMA }

/** Portcullis's own format for a rollback that was tried. One that failed is a complete report of a failure. */
export const rollbackDrill: ReportParser = {
  format: 'rollback-drill',
  classes: ['rollback-drill'],
  claims: ({ json }) => isOfFormat(OWN, json),
  parse: (source) => {
    const { environment, outcome, startedAt, finishedAt } = readOwnFormat(OWN, source) as RollbackDrillDocument
    const [started, finished] = [seconds(startedAt), seconds(finishedAt)]
    if (finished < started) throw malformed('rollback-drill', 'ends before it begins')
    return report({ name: 'rollback-drill', version: null }, ['rollback-drill'], {
      reportedAt: finishedAt,
      examined: [`environment ${environment}`],
      document: { environment, succeeded: outcome === 'succeeded', started, finished },
    })
  },
}

interface RollbackDrillDocument {
  environment: string
  outcome: 'succeeded' | 'failed'
  startedAt: string
  finishedAt: string
}

/** To the millisecond, so that no drill looks quicker than it was. */
function seconds(text: string): number {
  return (parseInstant(text) ?? Number.NaN) / 1000
}
