import { loginOfNoReply } from '../../core/contributor.ts'
import { areIndependent } from '../../core/principal.ts'
import { isSameRepository } from '../../core/repository.ts'
import { parseSubject } from '../../core/subject.ts'
import { parseInstant } from '../../core/time.ts'
import { approvalStateAt, placeKey, type ApprovalParty, type HeldApproval } from '../../governance/approvals/approval.ts'
import { approvalRules, type ApprovalFourEyes } from '../../governance/approvals/parameters.ts'
import type { ApprovalStore } from '../../governance/approvals/ports.ts'
import { approvalStanding, approvalsUsed, type CountedApproval } from '../../governance/approvals/standing.ts'
import { fourEyes, type FourEyesReason, type KnownContributor } from '../../governance/four-eyes.ts'
import type { InputApprovals } from '../../policy/input.ts'
import { identityText, type NamedContributor } from '../authors.ts'
import type { PlannedBinding } from '../binding-plans.ts'
import type { FactsReader } from '../ports.ts'
import type { Question } from '../question.ts'
import type { SubjectView } from '../subject-view.ts'
import { names } from '../whose-word.ts'
import type { Fact, FactContext } from './fact.ts'

/** What approvals are read and judged with. */
export interface ApprovalFactParts {
  facts: Pick<FactsReader, 'holders'>
  approvals: Pick<ApprovalStore, 'at'>
  /** Whether people log in here: only who logged in counts as a person then. */
  peopleLogIn: () => Promise<boolean>
}

/**
 * The approvals in force for exactly this subject, or an index that lists it: as with earlier decisions, an index's approval is for its platforms, a
 * platform's only for itself. Stage and environment are the same in any letter case; one for another repository is none.
 */
export async function approvalsFact(context: FactContext, parts: ApprovalFactParts): Promise<Fact> {
  const { question, plan, view, access } = context
  const rules = approvalRules(plan.parameters, question.environment)
  const indexes = view.facts.links.filter((link) => link.kind === 'platform' && link.to === question.subject.id).map((link) => link.from)
  const there = await parts.approvals.at([question.subject.id, ...indexes], placeKey(question))
  const held = there.approvals.filter(({ approval }) => concerns(approval, question))
  const contributors = await contributorsOf(context, parts.facts)
  const proof = (await parts.peopleLogIn()) ? 'proven' : 'declared'
  const requesters: readonly ApprovalParty[] = [...there.requesters, { ...partyOfAsker(access), person: access.person }]
  const counted = held.map((item, at): Counted => {
    const { approval, holder } = item
    const reasons = new Set<string>(holder.isPerson ? [] : ['approver_disabled'])
    for (const requester of requesters) {
      const { reasons: found } = fourEyes({ approver: ownedBy(approval.by), requester: ownedBy(requester), contributors, proof })
      for (const reason of found) if (counts(reason, rules.fourEyes)) reasons.add(reason)
    }
    if (rules.fourEyes.authors === 'verified' && !everySourceHasAuthor(view, question, contributors)) reasons.add('author_unverified')
    return {
      item,
      groups: [...holder.groups].sort(),
      objections: [...reasons].sort(),
      notWith: held.flatMap((other, index) =>
        index !== at && !areIndependent(ownedBy(approval.by), ownedBy(other.approval.by)) ? [index] : [],
      ),
      expiresAt: Math.min(parseInstant(approval.expiresAt) ?? 0, (parseInstant(approval.at) ?? 0) + rules.validForMs),
    }
  })
  return factOf(counted, rules.requirements, question.at)
}

interface Counted extends CountedApproval {
  item: HeldApproval
}

function factOf(all: readonly Counted[], requirements: Parameters<typeof approvalStanding>[0], now: number): Fact {
  const alive = all.map((one) => ({ ...one, objections: one.expiresAt > now ? one.objections : [...one.objections, 'expired'] }))
  const standing = approvalStanding(requirements, alive)
  const used = approvalsUsed(standing, alive).flatMap((at) => alive[at] ?? [])
  const value: InputApprovals = {
    requirements: standing.map(({ required, groups, given }) => ({ required, groups, given })),
    items: alive.map(({ item, groups, objections, notWith, expiresAt }) => ({
      id: item.approval.id,
      by: item.holder.name,
      groups,
      at: Math.floor((parseInstant(item.approval.at) ?? 0) / 1000),
      expires: Math.floor(expiresAt / 1000),
      objections,
      not_with: notWith,
    })),
  }
  return {
    value,
    endsAt: used.map(({ expiresAt }) => expiresAt),
    restsOn: used.map(({ item }) => ({ kind: 'approval', id: item.approval.id })),
  }
}

/** In force now, or as of the time that a dry run asks about; and for this repository, or for any. */
function concerns(approval: HeldApproval['approval'], { repository, at, atChosen }: Question): boolean {
  if (approvalStateAt(approval, at) !== 'approved' || (atChosen && !((parseInstant(approval.at) ?? at) <= at))) return false
  return approval.repository === null || (repository !== null && isSameRepository(repository, approval.repository))
}

function counts(reason: FourEyesReason, { authors, requester }: ApprovalFourEyes): boolean {
  if (reason === 'own_request') return requester
  if (reason === 'own_work') return authors !== 'off'
  if (reason === 'author_unverified' || reason === 'contributor_unknown') return authors === 'verified'
  return true
}

function partyOfAsker({ principal, issuerIds }: FactContext['access']): Omit<ApprovalParty, 'person'> {
  return { id: principal.id, name: principal.name, owners: [principal.id, ...issuerIds] }
}

/** `owners` has the principal first, then everybody through whose hands the credential went. */
function ownedBy({ id, owners, person }: ApprovalParty): {
  principal: { id: string }
  issuerIds: readonly string[]
  person: ApprovalParty['person']
} {
  return { principal: { id }, issuerIds: owners.slice(1), person }
}

/** A contributor, and whether it is known for sure which change the document is about. */
interface SourcedContributor extends KnownContributor {
  source: string
}

/** Who took part in the change. Only what is proven to be about this subject, by the word of somebody who counts, can tell who the author is. */
async function contributorsOf(context: FactContext, reader: Pick<FactsReader, 'holders'>): Promise<SourcedContributor[]> {
  const { plan, question, view } = context
  const named = (await view.contributors) ?? []
  const holders = await reader.holders(named.flatMap(identitiesOf))
  const holderOf = (kind: string, value: string): string | undefined => holders.get(identityText({ kind, value }))?.id
  const known = named.map((contributor): SourcedContributor => {
    const { role, forge, login, email, vouched, source } = contributor
    const hidden = email === null ? undefined : loginOfNoReply(email)
    const owners = [email === null ? undefined : holderOf('email', email), hidden && holderOf(hidden.forge, hidden.login)]
    return {
      ...{ role, forge, login, email, source },
      verified: vouched && isTrusted(contributor, plan) && isProven(source, question, view),
      principalId: forge !== null && login !== null ? (holderOf(forge, login) ?? null) : null,
      addressOwners: owners.flatMap((owner) => owner ?? []),
    }
  })
  return [...known, ...(await runnerOf(context, reader))]
}

/** Whoever set off the run that asks, by the claims of its token: it excludes them, and says nothing about who the author is. */
async function runnerOf(
  { access: { identity }, question }: FactContext,
  reader: Pick<FactsReader, 'holders'>,
): Promise<SourcedContributor[]> {
  const { actor: login, repository } = identity?.facts ?? {}
  if (login === undefined || repository === undefined) return []
  const forge = repository.slice(0, repository.indexOf('/')).toLowerCase()
  const holder = (await reader.holders([{ kind: forge, value: login }])).get(identityText({ kind: forge, value: login }))
  const source = question.subject.id
  return [{ role: 'actor', forge, login, email: null, verified: false, principalId: holder?.id ?? null, addressOwners: [], source }]
}

/** The asker's own word says nothing for it, unless the binding names whose word counts. */
function isTrusted({ submittedBy, submitterGroups, trust }: NamedContributor, { rules: { from, minTrust } }: PlannedBinding): boolean {
  if (from.length > 0 && !names(from, submittedBy, submitterGroups)) return false
  return trust !== 'asker' || (from.length > 0 && minTrust === 'asker')
}

/** A declared link proves nothing about people: the source is judged itself, or linked by provenance, or what the asker's own token is about. */
function isProven(source: string, { subject, verified, context }: Question, view: SubjectView): boolean {
  if (source === subject.id || view.sources.some(({ id, proof }) => id === source && proof === 'provenance')) return true
  const parsed = parseSubject(source)
  if (parsed.kind !== 'source' || !verified.includes('commit') || !verified.includes('repository')) return false
  return parsed.commit === context.commit && context.repository !== undefined && isSameRepository(context.repository, parsed.repository)
}

/** Of several sources each needs an author who is known: else the one that is hidden could be the approver's. */
function everySourceHasAuthor(view: SubjectView, { subject }: Question, contributors: readonly SourcedContributor[]): boolean {
  const sources = new Set([...(subject.kind === 'source' ? [subject.id] : []), ...view.sources.map(({ id }) => id)])
  const known = new Set(contributors.filter(({ verified, role }) => verified && role === 'author').map(({ source }) => source))
  return sources.size > 0 && [...sources].every((source) => known.has(source))
}

function identitiesOf({ forge, login, email }: NamedContributor): { kind: string; value: string }[] {
  const hidden = email === null ? undefined : loginOfNoReply(email)
  return [
    ...(forge !== null && login !== null ? [{ kind: forge, value: login }] : []),
    ...(email === null ? [] : [{ kind: 'email', value: email }]),
    ...(hidden ? [{ kind: hidden.forge, value: hidden.login }] : []),
  ]
}
