import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'

import type { EvidenceDocument } from '../../evidence/evidence.ts'
import type { Finding } from '../../evidence/model.ts'
import type { DocumentHead } from '../findings.ts'
import type { ReadSession } from './session.ts'

const decompress = promisify(zstdDecompress)

/** The document of an evidence, put together from its parts; undefined if there is none. */
export async function readDocument(session: ReadSession, evidenceId: string): Promise<EvidenceDocument | undefined> {
  const rows = await session.all(
    `select p.body from evidence e join evidence_documents p on p.evidence_no = e.no where e.id = ? order by p.part`,
    [evidenceId],
  )
  const [first, ...rest] = rows
  if (!first) return undefined
  const head = (await inflate(first['body'])) as DocumentHead
  const findings: Finding[] = []
  for (const row of rest) for (const finding of (await inflate(row['body'])) as Finding[]) findings.push(finding)
  return { ...head, findings }
}

/** Chosen parts of the findings, each under its number. */
export async function readFindingParts(
  session: ReadSession,
  evidenceNo: number,
  parts: readonly number[],
): Promise<Map<number, Finding[]>> {
  const rows = await session.all(`select part, body from evidence_documents where evidence_no = ? and ${session.oneOf('part')}`, [
    evidenceNo,
    parts,
  ])
  return new Map(await Promise.all(rows.map(async (row) => [Number(row['part']), (await inflate(row['body'])) as Finding[]] as const)))
}

async function inflate(body: unknown): Promise<unknown> {
  return JSON.parse((await decompress(body as Uint8Array)).toString('utf8'))
}
