import { AppError, isAppError } from '../core/app-error.ts'
import { canonicalDigest } from '../core/canonical-json.ts'
import { MAX_CLOCK_SKEW_MS, type Clock } from '../core/clock.ts'
import { newId } from '../core/id.ts'
import type { IdempotencyClaim } from '../core/idempotency.ts'
import type { EntryDraft } from '../core/log-entry.ts'
import { credentialName, type Access } from '../core/principal.ts'
import { matchesAnyRepository, onlyRepository } from '../core/repository.ts'
import { parseSubject, type Subject } from '../core/subject.ts'
import type { TarFile } from '../core/tar/read-tar.ts'
import { formatInstant, parseInstant } from '../core/time.ts'
import { pathWithoutExtension, readDelivery } from './delivery.ts'
import type { Evidence, EvidenceDocument, Link, Observation, SubjectMatch } from './evidence.ts'
import type { ParsedReport } from './model.ts'
import type { BlobStore, EvidenceStore, NewEvidence } from './ports.ts'
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

/** Each waits for its own sync; together they wait about as long as one. */
const BLOBS_AT_ONCE = 16
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
    const about = readStatement(access, submission, this.#clock.now())
    const prepared = await this.#prepare(about, { ...submission, name: readName(submission) })
    await this.#blobs.put(prepared.read.storedDigest, prepared.read.stored)
    const recorded = await this.#store.record({ ...prepared.submission, idempotency: submission.idempotency })
    return { ...recorded, evidence: await this.show(await this.#asSeen(access, recorded)) }
  }

  /**
   * Takes several reports in, the files of a tar archive, all or none: each is read before anything is stored, and they are committed together.
   * Without a stated name each has its path's.
   * @returns `created` false if all of it was known; `repeated` as `submit` does
   * @throws {AppError} a `DeliveryErrorCode`, and what `submit` throws, with the file's path as `field`
   */
  async deliver(
    access: Access,
    submission: Omit<Submission, 'format'>,
  ): Promise<{ items: ShownEvidence[]; created: boolean; repeated: boolean }> {
    const about = readStatement(access, submission, this.#clock.now())
    const name = readLabel(submission.name, 'query.name')
    const prepared: Prepared[] = []
    for (const file of readDelivery(submission.bytes)) prepared.push(await this.#prepareFile(about, file, name))
    await this.#keep(prepared)
    const submissions = prepared.map((each) => each.submission)
    const { items, repeated } = await this.#store.recordAll(submissions, submission.idempotency)
    const links = await this.#store.links(about.subject.id)
    const shown = await Promise.all(items.map((item) => this.#asSeen(access, item)))
    return {
      items: shown.map((evidence) => ({ ...evidence, subjectMatch: subjectMatch(evidence, links) })),
      created: items.some(({ created }) => created),
      repeated,
    }
  }

  async #keep(prepared: readonly Prepared[]): Promise<void> {
    for (let at = 0; at < prepared.length; at += BLOBS_AT_ONCE) {
      const group = prepared.slice(at, at + BLOBS_AT_ONCE)
      await Promise.all(group.map(({ read }) => this.#blobs.put(read.storedDigest, read.stored)))
    }
  }

  async #prepareFile(about: Statement, { path, bytes }: TarFile, stated: string | null): Promise<Prepared> {
    try {
      const name = stated ?? readLabel(pathWithoutExtension(path), path)
      return await this.#prepare(about, { bytes, format: 'auto', name })
    } catch (error) {
      throw inFile(path, error)
    }
  }

  async #prepare(about: Statement, report: { bytes: Uint8Array; format: string; name: string | null }): Promise<Prepared> {
    const { access, subject, source, now } = about
    const size = report.bytes.byteLength
    const read = await this.#reader.read(report.bytes, report.format)
    refuseFuture(read.report, now)
    const at = formatInstant(now)
    const evidence = newEvidence(read, { subject: subject.id, name: report.name, at, size, submittedBy: access.principal.name })
    const observation = newObservation(access, evidence, { ...about, at })
    const submission: NewEvidence = {
      evidence,
      document: documentOf(read.report),
      observation,
      links: [...(source ? [source] : []), ...platformLinks(read, subject, access, at)],
      alias: subject.kind === 'artifact' ? subject.name : undefined,
      entry: observationEntry(access, evidence, observation, about.requestId),
      idempotency: undefined,
    }
    return { read, submission }
  }

  /** That somebody else submitted the same before is not for a confined submitter to know. */
  async #asSeen({ confinement }: Access, { evidence, created }: { evidence: Evidence; created: boolean }): Promise<Evidence> {
    if (created || !confinement.repositories) return evidence
    return (await this.#store.find(evidence.id, confinement.repositories)) ?? evidence
  }

  /** Adds what depends on the links known now. */
  async show(evidence: Evidence): Promise<ShownEvidence> {
    return { ...evidence, subjectMatch: subjectMatch(evidence, await this.#store.links(evidence.subject)) }
  }
}

/** What is said of all reports that come in together. */
interface Statement {
  access: Access
  subject: Subject
  run: string | null
  source: Link | undefined
  requestId: string
  now: number
}

/** A report that was read, and what is to be written of it. */
interface Prepared {
  read: ReadReport
  submission: NewEvidence
}

function readStatement(access: Access, stated: Omit<Submission, 'format' | 'name'>, now: number): Statement {
  const subject = readSubject(access, stated.subject)
  const run = readLabel(stated.run, 'query.run')
  const source = stated.source === undefined ? undefined : declareSource(access, subject, stated.source, 'query.source', now)
  return { access, subject, run, source, requestId: stated.requestId, now }
}

/** Of a report that is one of several, `field` must tell which one it is. */
function inFile(path: string, error: unknown): unknown {
  if (!isAppError(error) || error.code === 'overloaded') return error
  const { code, message, remedy, cause } = error
  return new AppError(code, message, { field: path, ...(remedy !== undefined && { remedy }), cause })
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
  const { principal, issuerIds, confinement, identity } = access
  const only = onlyRepository(confinement.repositories)
  const own = identity?.facts.repository
  const repository = only ?? repositoryOf(stated.subject, stated.source) ?? own ?? null
  return {
    id: newId(),
    evidenceId: evidence.id,
    at: stated.at,
    submitterId: principal.id,
    submitterName: principal.name,
    submitterGroups: principal.groups,
    issuerIds,
    repositories: confinement.repositories ?? null,
    repository,
    run: identity?.facts.execution ?? stated.run,
    identity,
    verified: [
      ...(only !== undefined || (own !== undefined && own === repository) ? ['repository'] : []),
      ...(identity?.facts.execution === undefined ? [] : ['run']),
    ],
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
    platform: manifest.platform,
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

function documentOf({ findings, coverage, tests, measures, document, manifests, vex, authorship }: ParsedReport): EvidenceDocument {
  return { findings, coverage, tests, measures, document, manifests, vex, authorship }
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
      credential: credentialName(access.credential),
      issuerIds: access.issuerIds,
      verified: observation.verified,
      kind: evidence.kind,
      format: evidence.format,
      completeness: evidence.completeness,
    },
    detail: {
      name: evidence.name,
      run: observation.run,
      ...(observation.identity && { identity: observation.identity }),
    },
  }
}
