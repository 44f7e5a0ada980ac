import { AppError } from '../core/app-error.ts'
import { canonicalDigest } from '../core/canonical-json.ts'
import type { Clock } from '../core/clock.ts'
import { newId } from '../core/id.ts'
import type { IdempotencyClaim } from '../core/idempotency.ts'
import type { EntryDraft } from '../core/log-entry.ts'
import type { Access } from '../core/principal.ts'
import { matchesAnyRepository, onlyRepository } from '../core/repository.ts'
import { parseSubject, type Subject } from '../core/subject.ts'
import { formatInstant, parseInstant } from '../core/time.ts'
import type { Evidence, EvidenceDocument, Link, Observation, SubjectMatch } from './evidence.ts'
import type { ParsedReport } from './model.ts'
import type { BlobStore, EvidenceStore } from './ports.ts'
import { observationRecord } from './records.ts'
import type { ReadReport, ReportReader } from './report-reader.ts'
import { declareSource } from './source-link.ts'
import { subjectMatch } from './subject-match.ts'
import { summarise } from './summary.ts'

export type IntakeErrorCode = 'report_from_future' | 'name_malformed' | 'name_missing' | 'index_digest_mismatch' | 'outside_confinement'

/** A report as it comes in. */
export interface Submission {
  bytes: Uint8Array
  subject: string
  /** A format id, or `auto`. */
  format: string
  name: string | undefined
  run: string | undefined
  source: string | undefined
  requestId: string
  idempotency: IdempotencyClaim | undefined
}

/** Evidence as the API shows it. */
export interface ShownEvidence extends Evidence {
  subjectMatch: SubjectMatch
}

const MAX_CLOCK_SKEW_MS = 5 * 60 * 1000
const LABEL = /^[^\p{Cc}\p{Cf}\p{Cs}]{1,256}$/u

/** Takes reports in: reads, stores the bytes, and records the observation. */
export class EvidenceIntake {
  readonly #reader: ReportReader
  readonly #blobs: BlobStore
  readonly #store: EvidenceStore
  readonly #clock: Clock

  constructor(parts: { reader: ReportReader; blobs: BlobStore; store: EvidenceStore; clock: Clock }) {
    this.#reader = parts.reader
    this.#blobs = parts.blobs
    this.#store = parts.store
    this.#clock = parts.clock
  }

  /**
   * Takes one report in. Resolves after blob, evidence, observation and log entry are committed.
   * @returns `created` false if the same bytes were known for this subject, format and name; `repeated` if an earlier request with the same
   *   idempotency key was answered again
   * @throws {AppError} for a report that can't be read, and for a subject or source outside the submitter's confinement
   */
  async submit(access: Access, submission: Submission): Promise<{ evidence: ShownEvidence; created: boolean; repeated: boolean }> {
    const now = this.#clock.now()
    const subject = readSubject(access, submission.subject)
    const name = readName(submission)
    const run = readLabel(submission.run, 'query.run')
    const source = submission.source === undefined ? undefined : declareSource(access, subject, submission.source, 'query.source', now)
    const size = submission.bytes.byteLength
    const read = await this.#reader.read(submission.bytes, submission.format)
    refuseFuture(read.report, now)
    const at = formatInstant(now)
    const evidence = newEvidence(read, { subject: subject.id, name, at, size, submittedBy: access.principal.name })
    const observation = newObservation(access, evidence, { at, run, subject, source })
    const links = [...(source ? [source] : []), ...platformLinks(read, subject, access, at)]
    await this.#blobs.put(read.storedDigest, read.stored)
    const recorded = await this.#store.record({
      evidence,
      document: documentOf(read.report),
      observation,
      links,
      alias: subject.kind === 'artifact' ? subject.name : undefined,
      entry: observationEntry(access, evidence, observation, submission.requestId),
      idempotency: submission.idempotency,
    })
    return { ...recorded, evidence: await this.show(recorded.evidence) }
  }

  /** Adds what depends on the links known now. */
  async show(evidence: Evidence): Promise<ShownEvidence> {
    return { ...evidence, subjectMatch: subjectMatch(evidence, await this.#store.links(evidence.subject)) }
  }
}

function readSubject(access: Access, text: string): Subject {
  const subject = parseSubject(text, 'query.subject')
  const { repositories } = access.confinement
  if (subject.kind === 'source' && repositories && !matchesAnyRepository(repositories, subject.repository)) {
    throw new AppError<IntakeErrorCode>('outside_confinement', `This token may not submit evidence about "${subject.repository}".`, {
      field: 'query.subject',
      remedy: `It is confined to: ${repositories.slice(0, 10).join(', ')}.`,
    })
  }
  return subject
}

/** What claims nothing by its format must say by its name what it is. */
function readName({ name, format }: Submission): string | null {
  if (name !== undefined || format !== 'json') return readLabel(name, 'query.name')
  throw new AppError<IntakeErrorCode>('name_missing', 'A document of the format json needs a name.', {
    field: 'query.name',
    remedy: 'Add name=… by which policies find it: name=risk-review.',
  })
}

function readLabel(text: string | undefined, field: string): string | null {
  if (text === undefined) return null
  if (LABEL.test(text)) return text
  throw new AppError<IntakeErrorCode>('name_malformed', 'The name is empty, too long or holds control characters.', {
    field,
    remedy: 'Use 1 to 256 printable characters.',
  })
}

/** A report dated ahead of the clock would outrank every later one. */
function refuseFuture(report: ParsedReport, now: number): void {
  const reportedAt = parseInstant(report.reportedAt)
  if (reportedAt === undefined || reportedAt <= now + MAX_CLOCK_SKEW_MS) return
  throw new AppError<IntakeErrorCode>('report_from_future', `The report is dated ${report.reportedAt}, more than five minutes from now.`, {
    field: 'body',
    remedy: 'Set the clock of the machine that ran the tool, and run it again.',
  })
}

function newEvidence(
  read: ReadReport,
  stated: { subject: string; name: string | null; at: string; size: number; submittedBy: string },
): Evidence {
  const { report } = read
  return {
    id: newId(),
    digest: read.digest,
    storedDigest: read.storedDigest,
    redacted: read.storedDigest !== read.digest,
    subject: stated.subject,
    kind: report.scanned[0] ?? 'json',
    format: read.format,
    name: stated.name,
    tool: report.tool,
    completeness: report.completeness,
    completenessReason: report.completenessReason,
    summary: summarise(report),
    reportedAt: report.reportedAt,
    databaseAt: report.databaseAt,
    statedDigests: report.statedDigests,
    confirmingDigests: report.confirmingDigests,
    platform: report.platform,
    examined: listedExamined(report.examined),
    receivedAt: stated.at,
    submittedBy: stated.submittedBy,
    size: stated.size,
  }
}

function newObservation(
  access: Access,
  evidence: Evidence,
  stated: { at: string; run: string | null; subject: Subject; source: Link | undefined },
): Observation {
  const { principal, confinement } = access
  return {
    id: newId(),
    evidenceId: evidence.id,
    at: stated.at,
    submitterId: principal.id,
    submitterName: principal.name,
    submitterGroups: principal.groups,
    repositories: confinement.repositories ?? null,
    repository: onlyRepository(confinement.repositories) ?? repositoryOf(stated.subject, stated.source),
    run: stated.run,
  }
}

function repositoryOf(subject: Subject, source: Link | undefined): string | null {
  if (subject.kind === 'source') return subject.repository
  const linked = source && parseSubject(source.to)
  return linked?.kind === 'source' ? linked.repository : null
}

/** The index's own bytes prove its platforms, if their digest is the subject. */
function platformLinks({ report, digest }: ReadReport, subject: Subject, access: Access, at: string): Link[] {
  if (!report.manifests) return []
  if (subject.id !== digest) {
    throw new AppError<IntakeErrorCode>('index_digest_mismatch', `The index has the digest ${digest}, not that of the subject.`, {
      field: 'query.subject',
      remedy: 'Post the bytes exactly as the registry serves them: crane manifest NAME@DIGEST.',
    })
  }
  return report.manifests.map((manifest) => ({
    from: subject.id,
    to: manifest.digest,
    kind: 'platform',
    proof: 'index',
    declaredBy: access.principal.name,
    declarerGroups: access.principal.groups,
    repositories: null,
    at,
  }))
}

/** Names beyond this many are kept as one digest of them all: such a report is replaced only by one of exactly the same parts. */
const MAX_EXAMINED = 200
const MAX_EXAMINED_LENGTH = 200

function listedExamined(names: readonly string[]): string[] {
  const distinct = [...new Set(names)].sort()
  if (distinct.length <= MAX_EXAMINED && distinct.every((name) => name.length <= MAX_EXAMINED_LENGTH)) return distinct
  return [canonicalDigest(distinct)]
}

function documentOf({ findings, coverage, tests, measures, document, manifests, vex }: ParsedReport): EvidenceDocument {
  return { findings, coverage, tests, measures, document, manifests, vex }
}

function observationEntry(access: Access, evidence: Evidence, observation: Observation, requestId: string): EntryDraft {
  return {
    type: 'evidence.received',
    at: observation.at,
    actor: access.principal.id,
    subject: evidence.subject,
    requestId,
    body: {
      digest: canonicalDigest(observationRecord(evidence, observation)),
      evidence: evidence.digest,
      evidenceId: evidence.id,
      observation: observation.id,
      kind: evidence.kind,
      format: evidence.format,
      completeness: evidence.completeness,
    },
    detail: { name: evidence.name, run: observation.run },
  }
}
