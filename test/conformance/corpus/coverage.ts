import type { CorpusTable } from './table.ts'

export const coverage: CorpusTable = {
  'coverage/cobertura.xml': {
    format: 'cobertura',
    // Each line of the file stands once in its class and once more in its method.
    figures: (text) => {
      const lines = [...new Set(text.match(/<line number="\d+" hits="\d+"/g))]
      const conditions = text.match(/condition-coverage="[^(]*\((\d+)\/(\d+)\)/)
      return {
        lines: cutPercent(lines.filter((line) => !line.endsWith('hits="0"')).length, lines.length),
        branches: cutPercent(Number(conditions?.[1]), Number(conditions?.[2])),
        functions: null,
      }
    },
  },
  'coverage/jacoco.xml': {
    format: 'jacoco',
    figures: (text) => ({ lines: jacocoSum(text, 'LINE'), branches: jacocoSum(text, 'BRANCH'), functions: jacocoSum(text, 'METHOD') }),
  },
}

/** The sum over all methods, where the parser takes the counters of the report itself. */
function jacocoSum(text: string, type: string): number | null {
  const methods = text.match(/<method [^]*?<\/method>/g) ?? []
  const pairs = methods.flatMap((method) => [...method.matchAll(new RegExp(`type="${type}" missed="(\\d+)" covered="(\\d+)"`, 'g'))])
  const missed = pairs.reduce((sum, [, count]) => sum + Number(count), 0)
  const covered = pairs.reduce((sum, [, , count]) => sum + Number(count), 0)
  return cutPercent(covered, missed + covered)
}

function cutPercent(covered: number, total: number): number | null {
  return total === 0 ? null : Math.floor((covered * 10_000) / total) / 100
}
