import type { CorpusTable } from './table.ts'

/** Not recognised, whether it is no report at all or of a tool that isn't among the formats. */
const UNKNOWN = { refused: 'report_format_unknown' } as const

/** What no format claims: reports of other tools, bills of materials in SPDX, which `/v1/evidence` doesn't take, and the corpus's own page. */
export const unlisted: CorpusTable = {
  'README.md': UNKNOWN,
  'aws_prowler/issue4450.csv': UNKNOWN,
  // Two documents, one after the other.
  'aws_prowler/many_vuln.json': { refused: 'report_malformed' },
  'aws_prowler/many_vuln_plus_one.json': { refused: 'report_malformed' },
  'aws_prowler/no_vuln.json': { refused: 'report_empty' },
  'aws_prowler/one_vuln.json': UNKNOWN,
  'nancy/issue_12860.json': UNKNOWN,
  'nancy/nancy_no_findings.json': UNKNOWN,
  'spdx/spdx_3_unsupported.json': UNKNOWN,
  'spdx/spdx_no_vuln.json': UNKNOWN,
  'spdx/spdx_one_vuln.spdx': UNKNOWN,
}
