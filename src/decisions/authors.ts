import { loginOfNoReply, type Contributor, type ContributorRole } from '../core/contributor.ts'
import type { Digest } from '../core/digest.ts'
import { identityKey, type IdentityName } from '../core/linked-identity.ts'
import type { Trust } from '../policy/input.ts'
import { trustIn, type SelectionContext } from './evidence-selection.ts'
import type { FactsReader, ObservedEvidence } from './ports.ts'
import { belongsToAsker } from './whose-word.ts'

/** Somebody who took part in the change that is judged, and by whose word that is known. Addresses are not kept, only whose they are. */
export interface DecisionAuthor {
  role: ContributorRole
  /** Host of the forge; null where an address named them. */
  forge: string | null
  login: string | null
  /** Name of the principal whose login or address it is; null if it is nobody's. */
  principal: string | null
  /** The forge vouches for the login, in a whole document about the judged source. Of anything else only the named are excluded. */
  vouched: boolean
  evidence: Digest
  /** Name of the principal who submitted it. */
  submittedBy: string
  trust: Trust
}

/** A contributor as one document names them. */
export interface NamedContributor extends Contributor, Pick<DecisionAuthor, 'evidence' | 'submittedBy' | 'trust'> {
  /** The source revision that the document is about. */
  source: string
  submitterGroups: readonly string[]
}

/** Most documents about one source that are read: the newest. */
const MAX_DOCUMENTS = 50

/** The observations of documents about the changes of these sources that the asker may see, the newest first. */
export function changesAmong(
  observed: readonly ObservedEvidence[],
  sources: readonly string[],
  context: SelectionContext,
): ObservedEvidence[] {
  return observed
    .filter(({ evidence }) => evidence.summary.scanned.includes('change') && sources.includes(evidence.subject))
    .filter(({ observation }) => belongsToAsker(observation.repositories, context))
    .filter(({ observation }) => context.until === undefined || Date.parse(observation.at) <= context.until)
    .sort((a, b) => (a.observation.at < b.observation.at ? 1 : -1))
    .slice(0, MAX_DOCUMENTS)
}

/** Who took part, by the word of each document. One that is about another revision, or is not whole, vouches for nobody. */
export async function contributorsIn(
  changes: readonly ObservedEvidence[],
  reader: Pick<FactsReader, 'document'>,
  context: SelectionContext,
): Promise<NamedContributor[]> {
  const named: NamedContributor[] = []
  for (const observed of changes) {
    const { evidence, observation } = observed
    const authorship = (await reader.document(evidence.id))?.authorship
    if (!authorship) continue
    const counts = evidence.completeness === 'complete' && authorship.revisions.includes(evidence.subject)
    const word = {
      ...{ evidence: evidence.digest, source: evidence.subject, trust: trustIn(observed, context) },
      ...{ submittedBy: observation.submitterName, submitterGroups: observation.submitterGroups },
    }
    for (const contributor of authorship.contributors) named.push({ ...contributor, vouched: contributor.vouched && counts, ...word })
  }
  return named
}

/** The contributors with the principals behind them. Addresses that are nobody's exclude nobody, so they are left out. */
export async function authorsOf(named: readonly NamedContributor[], reader: Pick<FactsReader, 'holders'>): Promise<DecisionAuthor[]> {
  const holders = await reader.holders(named.flatMap(identitiesOf))
  const authors = named.flatMap((contributor): DecisionAuthor[] => {
    const { role, forge, login, vouched, evidence, submittedBy, trust } = contributor
    const owners = [...new Set(identitiesOf(contributor).flatMap((identity) => holders.get(identityText(identity))?.name ?? []))]
    const author = { role, forge, login, vouched, evidence, submittedBy, trust }
    if (login !== null) return [{ ...author, principal: owners[0] ?? null }]
    return owners.map((principal) => ({ ...author, principal }))
  })
  return [...new Map(authors.map((author) => [JSON.stringify(Object.values(author)), author])).values()]
}

/** What identities are found by. */
export function identityText(identity: IdentityName): string {
  return JSON.stringify([identity.kind, identityKey(identity)])
}

function identitiesOf({ forge, login, email }: Contributor): IdentityName[] {
  if (forge !== null && login !== null) return [{ kind: forge, value: login }]
  if (email === null) return []
  const hidden = loginOfNoReply(email)
  return [{ kind: 'email', value: email }, ...(hidden ? [{ kind: hidden.forge, value: hidden.login }] : [])]
}
