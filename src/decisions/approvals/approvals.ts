import type { Clock } from '../../core/clock.ts'
import type { IdempotencyClaim } from '../../core/idempotency.ts'
import { newId } from '../../core/id.ts'
import type { Page, PageRequest } from '../../core/page.ts'
import { requirePerson } from '../../core/person.ts'
import { ownersOf, type Access, type Scope } from '../../core/principal.ts'
import { formatInstant } from '../../core/time.ts'
import { approvalStateAt, type Approval, type ApprovalParty, type ApprovalPlace } from '../../governance/approvals/approval.ts'
import { approvalEntry } from '../../governance/approvals/entries.ts'
import { ended, scopeMissing } from '../../governance/approvals/errors.ts'
import type { ApprovalFilter, ApprovalStore } from '../../governance/approvals/ports.ts'
import { readComment, readExpiry, readPlace, readReason, type ApprovalDraft } from './read-approval.ts'

/** What of the transport an approval keeps. */
export interface ApprovalMeta {
  requestId: string
  idempotency: IdempotencyClaim | undefined
}

/** `created` is false if the same word held already, `repeated` if an earlier request with the same idempotency key was answered again. */
export interface ApprovalOutcome {
  approval: Approval
  created: boolean
  repeated: boolean
}

/** People's words that a subject may pass somewhere, and requests for them. Whether they are enough, the pack `approvals` says. */
export class Approvals {
  readonly #store: ApprovalStore
  readonly #clock: Clock

  constructor(parts: { store: ApprovalStore; clock: Clock }) {
    this.#store = parts.store
    this.#clock = parts.clock
  }

  /**
   * Approves, or requests that people approve.
   * @returns after the commit
   * @throws {AppError} `scope_missing`, `person_required`, what is wrong with the draft, or a place outside of the confinement
   */
  async add(access: Access, draft: ApprovalDraft, meta: ApprovalMeta): Promise<ApprovalOutcome> {
    const kind = draft.action === 'request' ? 'request' : 'approval'
    requireRight(access, kind)
    return this.#keep(this.#written(access, { kind, place: readPlace(access, draft), draft, request: null }), meta)
  }

  /**
   * Answers a request.
   * @returns undefined if there is none that the approver may see
   * @throws {AppError} as `add` does, or `approval_ended`
   */
  async answer(
    access: Access,
    id: string,
    draft: Pick<ApprovalDraft, 'comment' | 'expiresAt'>,
    meta: ApprovalMeta,
  ): Promise<ApprovalOutcome | undefined> {
    requireRight(access, 'approval')
    const request = await this.find(access, id)
    if (!request) return undefined
    if (request.kind !== 'request' || (request.state !== 'requested' && request.state !== 'approved')) throw ended(request)
    const { subject, stage, environment, repository } = request
    const place = { subject, stage, environment, repository }
    return this.#keep(this.#written(access, { kind: 'approval', place, draft, request: id }), meta)
  }

  /**
   * Takes back one's own word, or anybody's, or a request.
   * @returns undefined if there is none that the asker may see
   * @throws {AppError} `approval_text_invalid`
   */
  async revoke(access: Access, id: string, reason: string, requestId: string): Promise<Approval | undefined> {
    const approval = await this.find(access, id)
    if (!approval) return undefined
    const at = formatInstant(this.#clock.now())
    return this.#shown(await this.#store.revoke({ id, by: partyOf(access), at, reason: readReason(reason), requestId }))
  }

  /** One that the asker may see. */
  async find(access: Access, id: string): Promise<Approval | undefined> {
    const approval = await this.#store.find(id, access.confinement)
    return approval && this.#shown(approval)
  }

  /** Those that the asker may see, newest first. */
  async list(access: Access, filter: Omit<ApprovalFilter, 'visibleTo'>, page: PageRequest): Promise<Page<Approval>> {
    const now = formatInstant(this.#clock.now())
    const { items, next } = await this.#store.list({ ...filter, visibleTo: access.confinement }, page, now)
    return { items: items.map((approval) => this.#shown(approval)), next }
  }

  #written(
    access: Access,
    { kind, place, draft, request }: { kind: Approval['kind']; place: ApprovalPlace; draft: ApprovalDraftText; request: string | null },
  ): Approval {
    const now = this.#clock.now()
    return {
      id: newId(),
      kind,
      state: kind === 'request' ? 'requested' : 'approved',
      ...place,
      by: partyOf(access),
      at: formatInstant(now),
      expiresAt: formatInstant(readExpiry(draft.expiresAt, now)),
      comment: readComment(draft.comment),
      request,
      revokedBy: null,
      revokedAt: null,
      reason: null,
    }
  }

  async #keep(approval: Approval, { requestId, idempotency }: ApprovalMeta): Promise<ApprovalOutcome> {
    const kept = await this.#store.add({ approval, entry: approvalEntry(approval, requestId), idempotency })
    return { ...kept, approval: this.#shown(kept.approval) }
  }

  #shown(approval: Approval): Approval {
    return { ...approval, state: approvalStateAt(approval, this.#clock.now()) }
  }
}

type ApprovalDraftText = Pick<ApprovalDraft, 'comment' | 'expiresAt'>

/** Only a person approves. A request gives nothing, so a pipeline can make one. */
function requireRight(access: Access, kind: Approval['kind']): void {
  if (kind === 'request') requireScope(access, 'approvals:request', 'request an approval')
  else {
    requireScope(access, 'approvals:approve', 'approve')
    requirePerson(access, 'approve')
  }
}

function requireScope(access: Access, scope: Scope, what: string): void {
  if (!access.scopes.has(scope)) throw scopeMissing(scope, what)
}

function partyOf(access: Access): ApprovalParty {
  const { principal, person } = access
  return { id: principal.id, name: principal.name, owners: ownersOf(access), person }
}
