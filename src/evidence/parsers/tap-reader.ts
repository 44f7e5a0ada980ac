import { AppError } from '../../core/app-error.ts'
import type { ReportErrorCode } from '../parser.ts'
import { appended, bounded, MAX_NAME } from './test-case.ts'

/** A test point with what its subtest holds. */
export interface TapPoint {
  ok: boolean
  /** The number that it gives itself, from 1. */
  id: number | null
  description: string
  directive: 'SKIP' | 'TODO' | null
  /** The message of its diagnostics, if they have one. */
  message: string
  children: TapPoint[]
}

/** A TAP stream as it was written. */
export interface TapDocument {
  /** A version, a plan, a test or a bail-out was seen. */
  recognised: boolean
  points: TapPoint[]
  /** The plan is of no test, which skips all. */
  plannedNothing: boolean
  /** Why the run stopped; empty if it did not say, null if it did not stop. */
  bailOut: string | null
  /** Why it can't be told whether all of it is here, in one sentence. */
  flaw: string | null
}

/** A stream, or a subtest, which is one inside of another. */
interface Level {
  planned: number | null
  plans: number
  points: TapPoint[]
}

const MAX_DEPTH = 64
const MAX_REASON = 300

const VERSION = /^TAP version \d{1,3}\s*$/
const PLAN = /^1\.\.(\d{1,9})(?=\s|#|$)/
const POINT = /^(not )?ok(?=\s|$)(?:[ \t]+(\d{1,9})(?=\s|$))?[ \t]*(?:-(?=\s|$))?[ \t]*/
const BAIL_OUT = /^Bail out!\s*/i
/** Brace with which some writers open the subtest of a point, behind it. */
const BRACE = /(?:^|[ \t])\{$/

/** Reads every line of an attacker-controlled text once. */
export function readTap(text: string): TapDocument {
  const reader = new TapReader()
  for (let at = 0; at < text.length;) {
    const newline = text.indexOf('\n', at)
    const end = newline === -1 ? text.length : newline
    reader.line(text.slice(at, end).trimEnd(), newline !== -1)
    at = end + 1
  }
  return reader.end()
}

class TapReader {
  #flaw: string | null = null
  readonly #levels: Level[] = [newLevel()]
  /** Points written as `ok 1 - name {`, whose subtests stand behind them if there are any: a name may end like that too. */
  readonly #braced: { point: TapPoint; depth: number; entered: boolean }[] = []
  /** Indentation of the open block of diagnostics. */
  #diagnostics: number | undefined
  #last: TapPoint | undefined
  #recognised = false
  #bailOut: string | null = null

  line(line: string, ended: boolean): void {
    const content = line.trimStart()
    const indentation = line.length - content.length
    if (this.#diagnostics !== undefined) this.#addDiagnostics(content, indentation)
    else if (this.#last && content === '---' && indentation % 4 === 2) this.#diagnostics = indentation
    else if (content !== '' && indentation % 4 === 0) this.#addLine(content, indentation / 4, ended)
  }

  end(): TapDocument {
    if (this.#diagnostics !== undefined) this.#doubt('The diagnostics of a test have no end; the report is cut off.')
    if (this.#levels.length > 1 || this.#braced.some(({ entered }) => entered)) this.#doubt('A subtest has no end; the report is cut off.')
    const [top = newLevel()] = this.#levels
    this.#checkPlan(top)
    return {
      recognised: this.#recognised,
      points: top.points,
      plannedNothing: top.planned === 0 && top.points.length === 0,
      bailOut: this.#bailOut,
      flaw: this.#flaw,
    }
  }

  #addLine(content: string, depth: number, ended: boolean): void {
    const point = POINT.exec(content)
    const plan = PLAN.exec(content)
    if (BAIL_OUT.test(content)) this.#bail(content.replace(BAIL_OUT, ''))
    else if (VERSION.test(content)) this.#recognised = true
    else if (content === '}') this.#closeBrace(depth)
    else if (plan) this.#addPlan(this.#levelAt(depth), Number(plan[1]))
    else if (point) this.#addPoint(pointOf(point, content), BRACE.test(content), depth)
    // What is cut off may be a directive, or digits of the plan.
    if (!ended && (plan || point)) this.#doubt('The last line has no end; the report may be cut off.')
  }

  #addPlan(level: Level, planned: number): void {
    this.#recognised = true
    level.plans++
    level.planned = planned
  }

  #addPoint(point: TapPoint, opensBrace: boolean, depth: number): void {
    this.#recognised = true
    const level = this.#levelAt(depth)
    const inner = this.#levels.length > depth + 1 ? this.#levels.pop() : undefined
    if (inner) this.#closeSubtest(inner, point)
    level.points.push(point)
    this.#last = point
    if (opensBrace) this.#braced.push({ point, depth, entered: false })
  }

  /** The level of that depth, with those above it; deeper ones that no point has closed stay what the next point closes. */
  #levelAt(depth: number): Level {
    if (depth > MAX_DEPTH) throw tooDeep()
    for (let open = this.#braced.at(-1); open && !open.entered; open = this.#braced.at(-1)) {
      if (depth > open.depth) open.entered = true
      else this.#braced.pop()
    }
    while (this.#levels.length > depth + 2) this.#dropUnended()
    while (this.#levels.length <= depth) this.#levels.push(newLevel())
    return this.#levels[depth] ?? newLevel()
  }

  #dropUnended(): void {
    this.#levels.pop()
    this.#doubt('A subtest has no test that it belongs to.')
  }

  #closeSubtest(inner: Level, point: TapPoint): void {
    for (const child of inner.points) point.children.push(child)
    if (point.directive === null) this.#checkPlan(inner)
    if (point.ok && inner.planned === 0 && inner.points.length === 0) point.directive = 'SKIP'
  }

  #closeBrace(depth: number): void {
    const open = this.#braced.at(-1)
    if (open?.depth !== depth) return
    this.#braced.pop()
    const inner = this.#levels.length === depth + 2 ? this.#levels.pop() : undefined
    if (!inner) return
    open.point.description = open.point.description.replace(BRACE, '').replace(DURATION, '').trim()
    this.#closeSubtest(inner, open.point)
  }

  #addDiagnostics(content: string, indentation: number): void {
    if (content === '...' && indentation === this.#diagnostics) this.#diagnostics = undefined
    else if (this.#last?.message === '' && indentation === this.#diagnostics) {
      const [, message] = /^(?:message|error):\s*(\S.*)$/.exec(content) ?? []
      if (message !== undefined && !/^[|>][+-]?$/.test(message)) this.#last.message = appended('', unquoted(message))
    }
  }

  #checkPlan({ planned, plans, points }: Level): void {
    const shown = points.length
    if (planned === null) this.#doubt('There is no plan that says how many tests there are; the report may be cut off.')
    else if (plans > 1) this.#doubt('There is more than one plan.')
    else if (planned !== shown) this.#doubt(`The plan is of ${planned} tests, and the report shows ${shown}.`)
    else if (!inRange(points)) this.#doubt('The numbers of the tests are not those of the plan.')
  }

  #bail(reason: string): void {
    this.#recognised = true
    this.#bailOut ??= bounded(unescaped(reason), MAX_REASON)
  }

  #doubt(sentence: string): void {
    this.#flaw ??= sentence
  }
}

function newLevel(): Level {
  return { planned: null, plans: 0, points: [] }
}

/** Whether the numbers that the points give themselves are all different and within their count; those without one count on. */
function inRange(points: readonly TapPoint[]): boolean {
  const seen = new Set<number>()
  let next = 1
  for (const { id } of points) {
    const number = id ?? next
    if (number < 1 || number > points.length || seen.has(number)) return false
    seen.add(number)
    next = number + 1
  }
  return true
}

/** What node-tap writes behind a name. */
const DURATION = /[ \t]# time=[\d.]{1,20}m?s$/
const DIRECTIVE = /^[ \t]*(skip|todo)/i

function pointOf(match: RegExpExecArray, content: string): TapPoint {
  const { description, directive } = parted(content.slice(match[0].length))
  return {
    ok: match[1] === undefined,
    id: match[2] === undefined ? null : Number(match[2]),
    description: unescaped(bounded(description, MAX_NAME)).replace(DURATION, '').trim(),
    directive,
    message: '',
    children: [],
  }
}

/** A directive begins at a `#` that no backslash escapes, after white space or at the beginning. */
function parted(rest: string): { description: string; directive: TapPoint['directive'] } {
  for (let at = rest.indexOf('#'); at !== -1; at = rest.indexOf('#', at + 1)) {
    const word = at === 0 || /\s/.test(rest.charAt(at - 1)) ? DIRECTIVE.exec(rest.slice(at + 1, at + 64))?.[1] : undefined
    if (word !== undefined) return { description: rest.slice(0, at), directive: word.toUpperCase() === 'SKIP' ? 'SKIP' : 'TODO' }
  }
  return { description: rest, directive: null }
}

function unescaped(text: string): string {
  return text.replace(/\\([\\#])/g, '$1')
}

function unquoted(text: string): string {
  const [, single, double] = /^(?:'(.*)'|"(.*)")$/.exec(text) ?? []
  return single?.replaceAll("''", "'") ?? double ?? text
}

function tooDeep(): AppError<ReportErrorCode> {
  return new AppError('report_too_complex', `The tap report holds subtests nested deeper than ${MAX_DEPTH} levels.`, {
    field: 'body',
    remedy: 'Flatten the subtests, or send the report in parts with names of their own.',
  })
}
