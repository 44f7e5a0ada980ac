import { firstSeenKey, type Evidence, type EvidenceDocument } from '../../evidence/index.ts'
import type { PreviousCoverage } from '../compose-evidence.ts'
import type { SelectedEvidence } from '../evidence-selection.ts'
import type { FactsReader } from '../ports.ts'
import type { BindingReference, EvidenceReference, ReferenceForm } from '../reference-form.ts'
import type { GatheredEvidence } from '../subject-view.ts'
import { VexOpinions, type TrustedVex } from '../vex.ts'
import { RecompositionError } from './obstacle.ts'

type Reader = Pick<FactsReader, 'evidence' | 'document' | 'firstSeen'>
type EvidenceById = ReadonlyMap<string, Evidence>

/**
 * What was selected then, with what the reports say.
 * @throws {RecompositionError} `evidence_removed`
 */
export async function recomposeEvidence(form: ReferenceForm, reference: BindingReference, reader: Reader): Promise<GatheredEvidence> {
  const previousIds = reference.evidence.flatMap(({ previous }) => previous ?? [])
  const ids = [...reference.evidence, ...reference.unusable, ...reference.vex].map(({ id }) => id)
  const byId = await reader.evidence([...new Set([...ids, ...previousIds])])
  const counted = reference.evidence.map((item) => selected(item, byId))
  const documents = new Map<string, EvidenceDocument>()
  for (const { evidence } of counted) documents.set(evidence.id, await documentOf(evidence.id, reader))
  return {
    selection: { counted, unusable: reference.unusable.map((item) => selected(item, byId)) },
    fault: reference.fault,
    documents,
    opinions: await opinionsOf(form, reference, byId, reader),
    firstSeen: await firstSeenOf(counted, documents, reader),
    previous: await previousOf(reference.evidence, byId, reader),
  }
}

/** Receipt and owner matter only to what a decision does to baselines, which a replay leaves alone. */
function selected(reference: EvidenceReference, byId: EvidenceById): SelectedEvidence {
  const { id, digest: _, previous: _previous, ...rest } = reference
  return { ...rest, evidence: known(id, byId), received: rest.time, owner: '' }
}

function known(id: string, byId: EvidenceById): Evidence {
  const evidence = byId.get(id)
  if (!evidence) throw removed(id)
  return evidence
}

async function documentOf(id: string, reader: Reader): Promise<EvidenceDocument> {
  const document = await reader.document(id)
  if (!document) throw removed(id)
  return document
}

function removed(id: string): RecompositionError {
  return new RecompositionError('evidence_removed', `What the evidence ${id} said has been removed.`)
}

async function opinionsOf(form: ReferenceForm, { vex, vexFamily }: BindingReference, byId: EvidenceById, reader: Reader) {
  const documents: TrustedVex[] = []
  for (const { id, ...word } of vex) {
    documents.push({ ...word, evidence: known(id, byId), statements: (await documentOf(id, reader)).vex ?? [] })
  }
  return new VexOpinions(documents, form.subject, vexFamily ?? { indexes: [], related: [] })
}

/** A repository keeps when it first saw something, so what was known then is what is known now. */
function firstSeenOf(counted: readonly SelectedEvidence[], documents: ReadonlyMap<string, EvidenceDocument>, reader: Reader) {
  const keys = new Set([...documents.values()].flatMap(({ findings }) => findings.map(firstSeenKey)))
  if (keys.size === 0) return Promise.resolve(new Map<string, number>())
  return reader.firstSeen([...new Set([...counted.map(({ repository }) => repository ?? ''), ''])], [...keys])
}

async function previousOf(
  references: readonly EvidenceReference[],
  byId: EvidenceById,
  reader: Reader,
): Promise<Map<string, PreviousCoverage>> {
  const previous = new Map<string, PreviousCoverage>()
  for (const reference of references) {
    if (reference.previous === null) continue
    const { id, digest } = known(reference.previous, byId)
    const { coverage } = await documentOf(id, reader)
    if (coverage) previous.set(reference.id, { id, digest, coverage })
  }
  return previous
}
