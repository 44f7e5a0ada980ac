/**
 * `npm run corpus:check -- DIR`: compares what the parsers make of the corpus in DIR with counts made in another way, which
 * `test/conformance/corpus` holds. Prints what differs. Exit code: 0 if nothing does, 1 if anything does, 2 for a wrong call.
 */
import { statSync } from 'node:fs'
import { argv, stderr, stdout } from 'node:process'

import { checkCorpus } from '../test/conformance/corpus/check.ts'

process.exitCode = main(argv[2])

function main(directory: string | undefined): number {
  if (directory === undefined || !statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    stderr.write('Usage: npm run corpus:check -- DIR\n')
    return 2
  }
  const { read, refused, differences } = checkCorpus(directory)
  for (const difference of differences) stdout.write(`${difference}\n`)
  stdout.write(`${read} read with the counts expected, ${refused} refused for the reason expected, ${differences.length} different\n`)
  return differences.length === 0 ? 0 : 1
}
