import type { CorpusTable } from './table.ts'

/** Statements about vulnerabilities, which count nothing themselves. */
export const vex: CorpusTable = {
  'openvex/openvex_many_vuln.json': { format: 'openvex', figures: () => ({ critical: null, suppressed: 0, fixable: 0 }) },
  'openvex/openvex_not_a_document.json': { refused: 'report_format_unknown' },
}
