import type { FactsReader } from '../../decisions/ports.ts'
import type { EvidenceDocument } from '../../evidence/index.ts'

const MOST_FINDINGS = 200_000
const MOST_DOCUMENTS = 2_000

/** Keeps documents that were read: the decisions about one subject rest on the same ones. They never change. */
export function keptDocuments(reader: FactsReader): FactsReader {
  const kept = new Map<string, Promise<EvidenceDocument | undefined>>()
  let findings = 0
  const read = async (id: string): Promise<EvidenceDocument | undefined> => {
    const document = await reader.document(id)
    findings += document?.findings.length ?? 0
    if (findings > MOST_FINDINGS || kept.size > MOST_DOCUMENTS) {
      kept.clear()
      findings = 0
    }
    return document
  }
  return {
    ...reader,
    document: (id) => {
      const known = kept.get(id) ?? read(id)
      kept.set(id, known)
      known.catch(() => kept.delete(id))
      return known
    },
  }
}
