import type { Digest } from '../../core/digest.ts'
import type { Completeness, EvidenceClass } from '../../core/evidence-class.ts'
import type { Severity } from '../../core/severity.ts'
import type { Finding, ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { FindingList } from './finding-list.ts'
import { FINDING_CLASSES, FINDINGS_SCHEMA, FINDINGS_SCHEMA_ID } from './findings-schema.ts'
import { isOfFormat, readOwnFormat, type OwnFormat } from './own-format.ts'
import { finding, malformed, report, titleOf } from './report.ts'

const OWN: OwnFormat = { format: 'findings', id: FINDINGS_SCHEMA_ID, schema: FINDINGS_SCHEMA }

/** Portcullis's own format, for tools that have no other: small enough to be written with jq, and read strictly by its schema. */
export const findings: ReportParser = {
  format: 'findings',
  classes: FINDING_CLASSES,
  claims: ({ json }) => isOfFormat(OWN, json),
  parse: (source) => {
    const document = readOwnFormat(OWN, source) as FindingsDocument
    const found = new FindingList()
    for (const item of document.findings) found.add(findingOf(item, document), item.title)
    return report({ name: document.tool.name, version: document.tool.version ?? null }, document.scanned, {
      ...completenessOf(document),
      reportedAt: document.reportedAt ?? null,
      databaseAt: document.databaseAt ?? null,
      statedDigests: document.digests ?? [],
      platform: document.platform ?? null,
      examined: document.examined ?? [],
      findings: found.all(),
    })
  },
}

/** A document that fits the schema. */
interface FindingsDocument {
  tool: { name: string; version?: string }
  scanned: EvidenceClass[]
  completeness?: Completeness
  completenessReason?: string
  reportedAt?: string
  databaseAt?: string
  digests?: Digest[]
  platform?: string
  examined?: string[]
  findings: FoundItem[]
}

interface FoundItem {
  class?: EvidenceClass
  id: string
  aliases?: string[]
  severity: Severity
  toolSeverity?: string
  score?: number
  title?: string
  location?: string
  purl?: string
  package?: string
  version?: string
  fixedVersion?: string
  suppressed?: boolean
  suppressionReason?: string
}

function completenessOf({ completeness = 'complete', completenessReason }: FindingsDocument): Partial<ParsedReport> {
  if (completeness === 'complete') return {}
  return { completeness, completenessReason: completenessReason ?? `The report calls itself ${completeness}.` }
}

function findingOf(item: FoundItem, { scanned }: FindingsDocument): Finding {
  const itemClass = item.class ?? (scanned.length === 1 ? scanned[0] : undefined)
  if (itemClass === undefined) throw malformed('findings', 'has a finding without class, and several classes in scanned')
  if (!scanned.includes(itemClass)) throw malformed('findings', `has a finding of the class ${itemClass}, which is not in scanned`)
  return finding({
    ...item,
    class: itemClass,
    title: titleOf(item.title),
    suppressed: item.suppressed ?? false,
    suppressionReason: item.suppressed ? (item.suppressionReason ?? 'suppressed by the tool') : null,
  })
}
