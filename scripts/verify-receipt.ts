/**
 * `npm run verify-receipt -- FILE --key VKEY [--expect verdict=allow,enforced=true,subject=…,stage=…,environment=…,repository=…]`
 *
 * Checks a receipt offline: it reads the file and nothing else. Exit codes:
 * 0 intact under the given key and as expected; 2 intact, but no key was given, so nobody knows whose it is; 64 wrong usage (EX_USAGE of
 * sysexits.h): nothing was looked at; 1 anything else.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { parseVerifierKey } from '../src/audit/note.ts'
import { verifyReceipt, type ReceiptCheck } from '../src/audit/receipt.ts'
import { AppError } from '../src/core/app-error.ts'
import { parseSubject } from '../src/core/subject.ts'
import { formatInstant, parseInstant } from '../src/core/time.ts'

const USAGE = `Usage: npm run verify-receipt -- FILE --key VKEY [--expect NAME=VALUE,…]

  FILE           the receipt; - reads standard input
  --key VKEY     the log's verifier key, or a file that holds it: from the line that the service logs when it starts, kept by you
  --expect LIST  what the entry must say, of: type verdict enforced subject stage environment repository decision; may be repeated.
                 verdict=allow also wants it not to have expired; decision is its id
  --at TIME      judge the expiry at this time (RFC 3339) instead of now
  --own-key      accept the key inside the receipt, for demonstrations: it proves nothing about who wrote it

Exit: 0 intact and as expected, 1 not, 2 intact but not pinned (no --key), 64 wrong usage.
`

const EXPECTABLE = ['type', 'verdict', 'enforced', 'subject', 'stage', 'environment', 'repository', 'decision'] as const
type Expectable = (typeof EXPECTABLE)[number]
/** Where only these make sense: anything else could never be met, and is a slip. */
const CHOICES: Partial<Record<Expectable, readonly string[]>> = { verdict: ['allow', 'deny'], enforced: ['true', 'false'] }
type Facts = Readonly<Record<Expectable | 'at' | 'expires', string | undefined>>
type IntactReceipt = Extract<ReceiptCheck, { intact: true }>

interface Options {
  file: string
  key: string | undefined
  ownKey: boolean
  expected: readonly (readonly [Expectable, string])[]
  /** Milliseconds since the epoch. */
  at: number
}

const WRONG_USAGE = 64

class UsageError extends Error {}

if (import.meta.main) process.exitCode = main(process.argv.slice(2), (text) => process.stdout.write(text))

/** Runs the command and returns its exit code. */
export function main(args: string[], write: (text: string) => void): number {
  try {
    const options = readOptions(args)
    const check = verifyReceipt(readFileSync(options.file === '-' ? 0 : options.file), options.key)
    const { lines, exit } = check.intact ? reportIntact(check, options) : reportBroken(check)
    write(`${lines.join('\n')}\n`)
    return exit
  } catch (error) {
    if (error instanceof UsageError) {
      write(`${USAGE}\nNOT VERIFIED: ${error.message}\n`)
      return WRONG_USAGE
    }
    write(`NOT VERIFIED: ${(error as Error).message}\n`)
    return 1
  }
}

interface Report {
  lines: string[]
  exit: number
}

function reportBroken({ code, reason }: Extract<ReceiptCheck, { intact: false }>): Report {
  return { lines: [`NOT INTACT: ${reason} (${code})`], exit: 1 }
}

function reportIntact(check: IntactReceipt, options: Options): Report {
  const facts = factsOf(check)
  const problems = disappointments(facts, options)
  const { integrity, exit } = conclusion(check, options)
  const told = factLines(check, facts, options)
  if (problems.length === 0) return { lines: [...told, `INTACT${integrity}`], exit }
  // The last line is what people and scripts look at: it must not read as a success.
  return {
    lines: [...told, factLine('receipt', `intact${integrity}`), ...problems.map((problem) => `NOT AS EXPECTED: ${problem}`)],
    exit: 1,
  }
}

function factLines({ index, checkpoint, entry }: IntactReceipt, facts: Facts, { at }: Options): string[] {
  const proofs: Partial<Record<keyof Facts, string>> = { repository: repositoryProof(entry) }
  const lines = [...EXPECTABLE, 'at' as const].map((name) => factLine(name, printable(facts[name]) + (proofs[name] ?? '')))
  const expiry = facts.expires === undefined || isAhead(facts.expires, at) ? '' : ` (expired at ${formatInstant(at)})`
  const place = `${index} of the ${checkpoint.size} in the log ${printable(checkpoint.origin)}`
  return [...lines, factLine('expires', printable(facts.expires) + expiry), factLine('entry', place)]
}

/** Whether a decision's repository was proven, or is what the asker said. */
function repositoryProof({ body }: IntactReceipt['entry']): string {
  const { repository, verified } = body
  if (typeof repository !== 'string' || !Array.isArray(verified)) return ''
  return verified.includes('repository') ? ' (verified)' : ' (declared)'
}

function factLine(name: string, value: string): string {
  return `  ${name.padEnd(12)} ${value}`
}

function conclusion({ pinned, verifierKey }: IntactReceipt, { ownKey }: Options): { integrity: string; exit: number } {
  const key = printable(verifierKey)
  if (pinned) return { integrity: ' under the given key.', exit: 0 }
  if (ownKey) return { integrity: ` under its own key, which proves nothing about who wrote it: ${key}`, exit: 0 }
  return { integrity: `, NOT PINNED: give the log's key with --key. The receipt itself names ${key}`, exit: 2 }
}

function factsOf({ entry }: IntactReceipt): Facts {
  const { type, subject, stage, environment, at, body } = entry
  return {
    type,
    verdict: textOf(body['verdict']),
    enforced: textOf(body['enforced']),
    subject: subject ?? undefined,
    stage: stage ?? undefined,
    environment: environment ?? undefined,
    repository: textOf(body['repository']),
    decision: type === 'decision' ? textOf(body['id']) : undefined,
    at,
    expires: textOf(body['expiresAt']),
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'boolean' ? String(value) : undefined
}

/** What keeps the receipt from being what was expected: one sentence each. */
function disappointments(facts: Facts, { expected, at }: Options): string[] {
  const problems = expected
    .filter(([name, value]) => facts[name] !== value)
    .map(([name, value]) => `${name} is ${printable(facts[name])}, not ${printable(value)}`)
  const wantsAllow = expected.some(([name, value]) => name === 'verdict' && value === 'allow')
  if (wantsAllow && !isAhead(facts.expires, at)) {
    problems.push(`the allow expired at ${printable(facts.expires)}, and it is judged at ${formatInstant(at)} (see --at)`)
  }
  return problems
}

/** A time that cannot be read counts as past. */
function isAhead(instant: string | undefined, at: number): boolean {
  return (parseInstant(instant) ?? 0) > at
}

/** The entry may hold anything that its log wrote: nothing of it may steer the terminal. */
function printable(text: string | undefined): string {
  return text === undefined ? '-' : text.replaceAll(/[^\x20-\x7e]/g, '?')
}

function readOptions(args: string[]): Options {
  const { values, positionals } = parsedArguments(args)
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0) throw new UsageError('Give exactly one receipt.')
  if (values.key !== undefined && values['own-key'] === true) throw new UsageError('--key and --own-key exclude each other.')
  return {
    file,
    key: values.key === undefined ? undefined : readKey(values.key),
    ownKey: values['own-key'] === true,
    expected: (values.expect ?? []).flatMap((list) => list.split(',')).map(readExpectation),
    at: values.at === undefined ? Date.now() : readTime(values.at),
  }
}

function parsedArguments(args: string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { key: text, expect: { type: 'string', multiple: true }, at: text, 'own-key': { type: 'boolean' } },
    })
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error })
  }
}

/** The key itself, or the path of a file that holds it and nothing else. */
function readKey(text: string): string {
  try {
    return parseVerifierKey(text).text
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return readKeyFile(text)
  }
}

function readKeyFile(path: string): string {
  try {
    return parseVerifierKey(readFileSync(path, 'utf8').trim()).text
  } catch (error) {
    throw new UsageError(`--key is neither a verifier key nor a file that holds one: ${(error as Error).message}`, { cause: error })
  }
}

function readExpectation(pair: string): readonly [Expectable, string] {
  const [key = '', ...rest] = pair.split('=')
  const value = rest.join('=')
  const name = EXPECTABLE.find((candidate) => candidate === key)
  if (name === undefined || value === '')
    throw new UsageError(`--expect knows ${EXPECTABLE.join(', ')}, each as NAME=VALUE; not "${printable(pair)}".`)
  const choices = CHOICES[name]
  if (choices?.includes(value) === false)
    throw new UsageError(`--expect ${name} is one of ${choices.join(', ')}; not "${printable(value)}".`)
  // As the log writes it: a name before the digest is an alias, not identity.
  return [name, name === 'subject' ? readSubject(value) : value]
}

function readSubject(text: string): string {
  try {
    return parseSubject(text).id
  } catch (error) {
    throw new UsageError(`--expect subject: ${(error as Error).message}`, { cause: error })
  }
}

function readTime(text: string): number {
  const at = parseInstant(text)
  if (at === undefined) throw new UsageError('--at wants an RFC 3339 time with an offset, such as 2026-11-21T09:30:00Z.')
  return at
}
