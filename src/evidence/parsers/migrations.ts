import type { ReportParser } from '../parser.ts'
import { isObject, type JsonObject } from './json-fields.ts'
import { MIGRATIONS_SCHEMA, MIGRATIONS_SCHEMA_ID } from './migrations-schema.ts'
import { isOfFormat, readOwnFormat, type OwnFormat } from './own-format.ts'
import { malformed, report } from './report.ts'
import { isViolation, readViolations } from './squawk.ts'

const OWN: OwnFormat = { format: 'migrations', id: MIGRATIONS_SCHEMA_ID, schema: MIGRATIONS_SCHEMA }

/** Portcullis's own format for the migrations of a release: what is forward and what is back, which no linter tells, beside what it found. */
export const migrations: ReportParser = {
  format: 'migrations',
  classes: ['migrations'],
  claims: ({ json }) => isOfFormat(OWN, json),
  parse: (source) => {
    const document = readOwnFormat(OWN, source) as MigrationsDocument
    const listed = document.migrations === 'none' ? [] : document.migrations
    const found = violationsIn(document)
    const ups = new Set(listed.map(({ up }) => up))
    const downs = new Set(listed.flatMap(({ down }) => (typeof down === 'string' && !ups.has(down) ? [down] : [])))
    return report({ name: 'squawk', version: null }, ['migrations'], {
      ...readViolations(found, downs),
      ...(document.migrations !== 'none' && listed.length === 0 && NOTHING_LISTED),
      reportedAt: document.checkedAt ?? null,
      document: { migrations: listed.length, without_down: listed.filter(({ down }) => !hasWayBack(down)).map(({ up }) => up) },
    })
  },
}

interface MigrationsDocument {
  migrations: { up: string; down?: string | null }[] | 'none'
  squawk?: JsonObject[]
  checkedAt?: string
}

const NOTHING_LISTED = { completeness: 'empty', completenessReason: 'It lists no migration, and does not say that there is none.' } as const

function hasWayBack(down: string | null | undefined): boolean {
  return typeof down === 'string'
}

/** @throws {ReportError} where there are migrations that nothing checked */
function violationsIn({ migrations: listed, squawk }: MigrationsDocument): JsonObject[] {
  if (squawk === undefined && listed !== 'none') throw malformed('migrations', 'lists migrations without what squawk says of them')
  const violations = squawk ?? []
  if (!violations.every((item) => isObject(item) && isViolation(item)))
    throw malformed('migrations', 'has squawk violations without rule_name or level')
  return violations
}
