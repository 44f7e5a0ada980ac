import type { ReportParser } from '../parser.ts'
import { coverageResult, numberCount, ratioOf } from './coverage-fields.ts'
import { isObject, type JsonObject, objectOf } from './json-fields.ts'
import { jsonOf, malformed, report, wrongFormat } from './report.ts'

/**
 * `coverage-final.json` of Istanbul's json reporter, keyed by file. As Istanbul itself counts: a line is one on which a statement starts and
 * is covered if any of them ran; each way of a branch is one branch.
 * https://github.com/istanbuljs/istanbuljs/blob/main/packages/istanbul-lib-coverage/lib/file-coverage.js
 */
export const istanbul: ReportParser = {
  format: 'istanbul',
  classes: ['coverage'],
  claims: ({ json }) => isObject(json) && Object.keys(json).length > 0 && Object.values(json).every(isFile),
  parse: (source) => {
    const json = jsonOf('istanbul', source)
    if (!isObject(json)) throw wrongFormat('istanbul', 'it is no object of files')
    const units: Units = { lines: [0, 0], branches: [0, 0], functions: [0, 0] }
    Object.values(json).forEach((file, index) => addFile(units, file, index))
    const ratio = (kind: keyof Units) => ratioOf('istanbul', kind, ...units[kind])
    return report({ name: 'istanbul', version: null }, ['coverage'], {
      ...coverageResult({ lines: ratio('lines'), branches: ratio('branches'), functions: ratio('functions') }),
    })
  },
}

/** Covered and total of each kind. */
type Units = Record<'lines' | 'branches' | 'functions', [covered: number, total: number]>

function isFile(file: unknown): file is JsonObject {
  return isObject(file) && ['statementMap', 'fnMap', 'branchMap', 's', 'f', 'b'].every((field) => isObject(file[field]))
}

function addFile(units: Units, file: unknown, index: number): void {
  const where = `of its file ${index + 1}`
  if (!isFile(file)) throw index === 0 ? wrongFormat('istanbul', 'its members are no files') : malformed('istanbul', `lacks maps ${where}`)
  const lines = new Map<number, boolean>()
  for (const [statement, hits] of pairs(file, 'statementMap', 's', where)) {
    const line = numberCount('istanbul', `the line of a statement ${where}`, objectOf(objectOf(statement)['start'])['line'])
    lines.set(line, hitsOf(hits, where) || lines.get(line) === true)
  }
  add(units.lines, [...lines.values()])
  add(
    units.functions,
    pairs(file, 'fnMap', 'f', where).map(([, hits]) => hitsOf(hits, where)),
  )
  for (const [branch, hits] of pairs(file, 'branchMap', 'b', where)) add(units.branches, waysOf(branch, hits, where))
}

/** Each unit of a map with its count: one without the other is a broken file, and must not pass as fewer units. */
function pairs(file: JsonObject, map: string, counts: string, where: string): [unit: unknown, count: unknown][] {
  const [units, hits] = [objectOf(file[map]), objectOf(file[counts])]
  const ids = Object.keys(units)
  if (ids.length !== Object.keys(hits).length || ids.some((id) => !Object.hasOwn(hits, id))) {
    throw malformed('istanbul', `has a ${map} that does not fit the counts ${where}`)
  }
  return ids.map((id) => [units[id], hits[id]])
}

/** Ways that have no count were never taken. */
function waysOf(branch: unknown, hits: unknown, where: string): boolean[] {
  if (!Array.isArray(hits)) throw malformed('istanbul', `has a branch without a list of counts ${where}`)
  const taken = hits.map((count: unknown) => hitsOf(count, where))
  const locations = objectOf(branch)['locations']
  while (Array.isArray(locations) && taken.length < locations.length) taken.push(false)
  return taken
}

function hitsOf(count: unknown, where: string): boolean {
  return numberCount('istanbul', `a count ${where}`, count) > 0
}

function add(unit: [covered: number, total: number], hits: readonly boolean[]): void {
  unit[0] += hits.filter(Boolean).length
  unit[1] += hits.length
}
