import { AppError } from '../../core/app-error.ts'
import type { CoverageRatio, CoverageTotals } from '../model.ts'
import type { ReportErrorCode, ReportParser } from '../parser.ts'
import { countOf, coverageResult, ratioOf, worstOf } from './coverage-fields.ts'
import { malformed, report, wrongFormat } from './report.ts'

/**
 * LCOV tracefiles (`lcov.info`), of lcov 1 and 2 and of the many tools that write them. The totals of a file count as far as the lines, branches
 * and functions that it lists bear them out.
 * https://manpages.debian.org/unstable/lcov/geninfo.1.en.html#TRACEFILE_FORMAT
 */
export const lcov: ReportParser = {
  format: 'lcov',
  classes: ['coverage'],
  claims: ({ text }) => /^(?:\s|#[^\n]*\n)*(?:TN:[^\n]*|SF:[^\n]+)(?:\n|$)/.test(text.slice(0, 64 * 1024)),
  parse: (source) => {
    if (!lcov.claims(source)) throw wrongFormat('lcov', 'it begins with neither a TN: nor an SF: record')
    return report({ name: 'lcov', version: null }, ['coverage'], coverageResult(totalsOf(readFiles(source.text))))
  },
}

const KINDS = ['lines', 'functions', 'branches'] as const
type Kind = (typeof KINDS)[number]

/** What the records of one source file say about one kind of unit. */
interface Tally {
  /** Each unit that has a record of its own, and whether it was hit. */
  units: Map<string | number, boolean>
  /** Where units that are other names of the same one stand together: functions by the line on which they begin. */
  places: Map<string | number, string>
  /** The totals that the file's summary records state. */
  found: number | undefined
  hit: number | undefined
}

/** One section of the tracefile, from SF to end_of_record. */
type Section = Record<Kind, Tally>

/** What is known of one file from all of its sections so far. */
interface FileTotals {
  covered: number
  total: number
  /** The units of all sections, where other sections may add to them and every one lists its own. */
  units: Tally['units'] | undefined
  merged: boolean
}

type FileRecord = Record<Kind, FileTotals | undefined>

const MAX_FILES = 500_000
const MAX_UNITS = 1_000_000
const MAX_UNITS_KEPT = 5_000_000

function totalsOf(files: readonly FileRecord[]): CoverageTotals {
  const sum = (kind: Kind) => {
    let covered = 0
    let total = 0
    for (const { [kind]: file } of files) {
      if (!file) continue
      covered += file.merged && file.units ? hitsIn(file.units) : file.covered
      total += file.merged && file.units ? file.units.size : file.total
    }
    return ratioOf('lcov', kind, covered, total)
  }
  return { lines: sum('lines'), branches: sum('branches'), functions: sum('functions') }
}

function readFiles(text: string): FileRecord[] {
  const repeated = repeatedNames(text)
  const files = new Map<string, FileRecord>()
  let kept = 0
  let open: { name: string; section: Section } | undefined
  for (const { line, number } of linesOf(text)) {
    if (line === 'end_of_record') {
      if (!open) throw malformed('lcov', `ends a record on line ${number} that no SF begins`)
      const before = files.get(open.name)
      const keptBefore = unitsIn(before)
      const now = combine(before, closeSection(open.section, number), repeated.has(open.name))
      kept += unitsIn(now) - keptBefore
      if (kept > MAX_UNITS_KEPT || files.size >= MAX_FILES) throw tooComplex()
      files.set(open.name, now)
      open = undefined
      continue
    }
    const colon = line.indexOf(':')
    const tag = colon === -1 ? '' : line.slice(0, colon)
    if (!/^[A-Z]{2,10}$/.test(tag)) throw malformed('lcov', `has a line ${number} that is no record`)
    const value = line.slice(colon + 1)
    if (tag === 'SF') {
      if (open) throw malformed('lcov', `begins a file on line ${number} before the end_of_record of the one before`)
      open = { name: value, section: { lines: newTally(), functions: newTally(), branches: newTally() } }
    } else if (READERS[tag]) {
      if (!open) throw malformed('lcov', `has a ${tag} record on line ${number} outside of a file`)
      if (!READERS[tag](open.section, value)) throw malformed('lcov', `has a broken ${tag} record on line ${number}`)
    }
  }
  if (open) throw malformed('lcov', 'ends without the end_of_record of its last file; it is cut off')
  return [...files.values()]
}

function newTally(): Tally {
  return { units: new Map(), places: new Map(), found: undefined, hit: undefined }
}

/** The lines with something on them that are not comments. */
function* linesOf(text: string): Generator<{ line: string; number: number }> {
  let number = 0
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf('\n', at)
    const end = newline === -1 ? text.length : newline
    const line = text.slice(at, end).trimEnd()
    number++
    if (line !== '' && !line.startsWith('#')) yield { line, number }
    at = end + 1
  }
}

/** Files with more than one section, as merged shards have them: only their units need to be remembered. */
function repeatedNames(text: string): Set<string> {
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const [, name = ''] of text.matchAll(/^SF:(.*)$/gm)) {
    const trimmed = name.trimEnd()
    if (seen.has(trimmed)) repeated.add(trimmed)
    else seen.add(trimmed)
  }
  return repeated
}

/** Reads the value of a record into the section; false if it is broken. Records that are not here say nothing about totals. */
type RecordReader = (section: Section, value: string) => boolean

const READERS: Readonly<Record<string, RecordReader | undefined>> = {
  LF: stated('lines', 'found'),
  LH: stated('lines', 'hit'),
  FNF: stated('functions', 'found'),
  FNH: stated('functions', 'hit'),
  BRF: stated('branches', 'found'),
  BRH: stated('branches', 'hit'),
  /** `line,hits[,checksum]` */
  DA: ({ lines }, value) => {
    const [line, hits] = value.split(',', 2)
    return addUnit(lines, countOf(line), hits)
  },
  /** `[first,[last,]]name`: names can hold commas. */
  FN: ({ functions }, value) => {
    const [, line = '', name] = /^(\d+),(?:\d+,)?(.*)$/.exec(value) ?? []
    if (name !== undefined) functions.places.set(name, line)
    return addUnit(functions, name, '0')
  },
  /** `index,first[,last]`: a function of lcov 2.2, whose names and hits follow. */
  FNL: ({ functions }, value) => addUnit(functions, countOf(value.split(',', 1)[0]), '0'),
  /** `index,hits,name` */
  FNA: ({ functions }, value) => {
    const [index, hits] = value.split(',', 2)
    return addUnit(functions, countOf(index), hits)
  },
  /** `hits,name` */
  FNDA: ({ functions }, value) => {
    const comma = value.indexOf(',')
    return comma > 0 && addUnit(functions, value.slice(comma + 1), value.slice(0, comma))
  },
  /** `line,block,branch,hits`, where the branch can be an expression with commas, and `-` means that its line never ran. */
  BRDA: ({ branches }, value) => {
    const comma = value.lastIndexOf(',')
    const hits = value.slice(comma + 1)
    return /^\d+,[^,]+,./.test(value.slice(0, Math.max(comma, 0))) && addUnit(branches, value.slice(0, comma), hits === '-' ? '0' : hits)
  },
}

function stated(kind: Kind, field: 'found' | 'hit'): RecordReader {
  return ({ [kind]: tally }, value) => {
    const count = countOf(value)
    tally[field] = count
    return count !== undefined
  }
}

function addUnit({ units }: Tally, unit: string | number | undefined, hits: string | undefined): boolean {
  if (unit === undefined || hits === undefined || !/^\d{1,40}(?:\.\d{1,20})?(?:e\+?\d{1,3})?$/i.test(hits)) return false
  units.set(unit, units.get(unit) === true || Number(hits) > 0)
  if (units.size > MAX_UNITS) throw tooComplex()
  return true
}

function closeSection(section: Section, line: number): FileRecord {
  const close = (kind: Kind): FileTotals | undefined => {
    const { units, places, found, hit } = section[kind]
    if (found === undefined && hit === undefined && units.size === 0) return undefined
    if ((found === undefined || hit === undefined) && units.size === 0 && found !== 0) {
      throw malformed('lcov', `states only one of the two totals of ${kind} in the record that ends on line ${line}`)
    }
    const total = found ?? units.size
    const covered = hit ?? hitsIn(units)
    if (covered > total)
      throw malformed('lcov', `states ${covered} covered ${kind} of only ${total} in the record that ends on line ${line}`)
    const worst = worstOf(ratioOf('lcov', kind, covered, total), listedRatio(kind, units, places))
    return { covered: worst?.covered ?? 0, total: worst?.total ?? 0, units, merged: false }
  }
  return { lines: close('lines'), functions: close('functions'), branches: close('branches') }
}

/**
 * What the listed units add up to. Some writers count functions by name, others by place, since templates have many names: the better of
 * the two is what any honest total says.
 */
function listedRatio(kind: Kind, units: Tally['units'], places: Tally['places']): CoverageRatio | null {
  const byName = ratioOf('lcov', kind, hitsIn(units), units.size)
  if (places.size === 0) return byName
  const joined: Tally['units'] = new Map()
  for (const [unit, hit] of units) {
    const place = places.get(unit) ?? unit
    joined.set(place, hit || joined.get(place) === true)
  }
  const byPlace = ratioOf('lcov', kind, hitsIn(joined), joined.size)
  return worstOf(byName, byPlace) === byName ? byPlace : byName
}

function hitsIn(units: Tally['units']): number {
  let hits = 0
  for (const hit of units.values()) if (hit) hits++
  return hits
}

function unitsIn(record: FileRecord | undefined): number {
  return record ? KINDS.reduce((sum, kind) => sum + (record[kind]?.units?.size ?? 0), 0) : 0
}

/**
 * Adds a section to what is known of its file: unit by unit where all sections list their units, else the best totals of any.
 * It changes `before`, since a hostile report can repeat a file a million times.
 */
function combine(before: FileRecord | undefined, now: FileRecord, keepUnits: boolean): FileRecord {
  if (!keepUnits) for (const kind of KINDS) if (now[kind]) now[kind].units = undefined
  if (!before) return now
  for (const kind of KINDS) before[kind] = combineTotals(before[kind], now[kind])
  return before
}

function combineTotals(before: FileTotals | undefined, now: FileTotals | undefined): FileTotals | undefined {
  if (!before || !now) return before ?? now
  if (before.total === 0 || now.total === 0) return now.total === 0 ? before : now
  before.covered = Math.max(before.covered, now.covered)
  before.total = Math.max(before.total, now.total)
  before.merged = true
  if (!before.units?.size || !now.units?.size) before.units = undefined
  else for (const [unit, hit] of now.units) before.units.set(unit, hit || before.units.get(unit) === true)
  return before
}

function tooComplex(): AppError<ReportErrorCode> {
  return new AppError('report_too_complex', 'The lcov report holds more files, lines or branches than are read.', {
    field: 'body',
    remedy: 'Split the report into parts with names of their own, or merge its sections with lcov first.',
  })
}
