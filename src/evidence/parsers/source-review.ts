import type { ParsedReport } from '../model.ts'
import type { ReportParser } from '../parser.ts'
import { revisionsOf } from './change-people.ts'
import { isOfFormat, readOwnFormat, type OwnFormat } from './own-format.ts'
import { report } from './report.ts'
import { SOURCE_REVIEW_SCHEMA, SOURCE_REVIEW_SCHEMA_ID } from './source-review-schema.ts'

/** What packs read of a review, whichever forge keeps it. */
export interface SourceReview {
  /** What is reviewed, such as `github.com/acme/app/pull/7`. */
  change: string
  /** The source revisions that it is about: its last commit and what it was merged as. */
  revisions: string[]
  /** The branch that it goes to. */
  base: string
  /** Null where nothing tells. */
  protected: boolean | null
  approvals: Approval[]
  /** Who asks for changes. */
  objections: string[]
  checks: CheckResult[]
  commits: number | null
  /** How many of them have a signature that the forge verified; null where nothing tells. */
  signed: number | null
  codeOwners: 'approved' | 'pending' | 'unknown'
}

export interface Approval {
  by: string
  /** Whether it is of the last commit. */
  current: boolean
  /** Whether it is of a person who may approve and had no hand in the change. */
  independent: boolean
}

export interface CheckResult {
  name: string
  /** In the forge's own word; `absent` where there is none. */
  result: string
  /** Whether the branch requires it. */
  required: boolean
}

const OWN: OwnFormat = { format: 'source-review', id: SOURCE_REVIEW_SCHEMA_ID, schema: SOURCE_REVIEW_SCHEMA }

/** Portcullis's own format for a review on any forge. */
export const sourceReview: ReportParser = {
  format: 'source-review',
  classes: ['source-review'],
  claims: ({ json }) => isOfFormat(OWN, json),
  parse: (source) => {
    const document = readOwnFormat(OWN, source) as SourceReviewDocument
    const authors = new Set(document.authors.map(loginKey))
    const review: SourceReview = {
      change: `${document.repository}/${document.change}`,
      revisions: revisionsOf('source-review', document.repository, [document.head, document.merged]),
      base: document.base,
      protected: document.protectedBranch ?? null,
      approvals: document.approvals.map(({ by, commit }) => ({
        by,
        current: commit === document.head,
        independent: !authors.has(loginKey(by)),
      })),
      objections: document.changesRequestedBy ?? [],
      checks: (document.checks ?? []).map(({ name, result, required = false }) => ({ name, result, required })),
      commits: document.commits ?? null,
      signed: document.commits === undefined ? null : (document.signedCommits ?? null),
      codeOwners: document.codeOwners ?? 'unknown',
    }
    return report({ name: document.forge ?? 'source-review', version: null }, ['source-review'], {
      reportedAt: document.updatedAt ?? null,
      ...reviewParts(review),
    })
  },
}

interface SourceReviewDocument {
  forge?: string
  repository: string
  change: string
  head: string
  merged?: string
  base: string
  protectedBranch?: boolean
  authors: string[]
  approvals: { by: string; commit: string }[]
  changesRequestedBy?: string[]
  checks?: { name: string; result: string; required?: boolean }[]
  commits?: number
  signedCommits?: number
  codeOwners?: 'approved' | 'pending'
  updatedAt?: string
}

/** What a report holds of a review: it takes the place of earlier ones about the same change, and of no other. */
export function reviewParts({ codeOwners, ...review }: SourceReview): Pick<ParsedReport, 'examined' | 'document'> {
  return { examined: [`review of ${review.change}`], document: { ...review, code_owners: codeOwners } }
}

/** Forges don't tell letter case apart in logins. */
export function loginKey(login: string): string {
  return login.toLowerCase()
}
