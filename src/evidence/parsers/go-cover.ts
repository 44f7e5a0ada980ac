import { AppError } from '../../core/app-error.ts'
import type { CoverageRatio } from '../model.ts'
import type { ReportErrorCode, ReportParser } from '../parser.ts'
import { coverageResult, ratioOf } from './coverage-fields.ts'
import { malformed, report, wrongFormat } from './report.ts'

/**
 * Go's coverage profile (`go test -coverprofile`). Its unit is the statement, which stands for the line here, as `go tool cover -func` counts.
 * The same block repeats where several packages' tests cover it, and counts once. A profile says nothing of where it ends: one that lost whole
 * lines can't be told from a smaller one.
 * https://pkg.go.dev/golang.org/x/tools/cover
 */
export const goCover: ReportParser = {
  format: 'go-cover',
  classes: ['coverage'],
  claims: ({ text }) => MODE.test(firstLine(text)),
  parse: (source) => {
    if (!goCover.claims(source)) throw wrongFormat('go-cover', 'it does not begin with mode: set, count or atomic')
    if (!source.text.endsWith('\n')) throw malformed('go-cover', 'does not end with a line break; it is cut off')
    const lines = statementsIn(source.text)
    return report({ name: 'go-cover', version: null }, ['coverage'], coverageResult({ lines, branches: null, functions: null }))
  },
}

const MODE = /^mode: (?:set|count|atomic)$/
const BLOCK = /^(.+:\d{1,10}\.\d{1,10},\d{1,10}\.\d{1,10}) (\d{1,10}) (\d{1,20})$/
const MAX_BLOCKS = 2_000_000

interface Block {
  statements: number
  hit: boolean
}

function firstLine(text: string): string {
  return (text.slice(0, 64).trimStart().split('\n', 1)[0] ?? '').trimEnd()
}

/** Concatenated profiles repeat the mode line. */
function statementsIn(text: string): CoverageRatio | null {
  const blocks = new Map<string, Block>()
  let number = 0
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at)
    const line = text.slice(at, end).trimEnd()
    at = end + 1
    number++
    if (line !== '' && !MODE.test(line)) addBlock(blocks, line, number)
  }
  let covered = 0
  let total = 0
  for (const { statements, hit } of blocks.values()) {
    total += statements
    if (hit) covered += statements
  }
  return ratioOf('go-cover', 'statements', covered, total)
}

function addBlock(blocks: Map<string, Block>, line: string, number: number): void {
  const [, place, statements, hits] = BLOCK.exec(line) ?? []
  if (place === undefined) throw malformed('go-cover', `has a line ${number} that is no block`)
  const known = blocks.get(place)
  const block: Block = { statements: Number(statements), hit: Number(hits) > 0 || known?.hit === true }
  if (known && known.statements !== block.statements) {
    throw malformed('go-cover', `gives the block on line ${number} another number of statements than before`)
  }
  if (!known && blocks.size >= MAX_BLOCKS) throw tooComplex()
  blocks.set(place, block)
}

function tooComplex(): AppError<ReportErrorCode> {
  return new AppError('report_too_complex', `The go-cover report holds more than ${MAX_BLOCKS} blocks.`, {
    field: 'body',
    remedy: 'Split the report into parts with names of their own.',
  })
}
