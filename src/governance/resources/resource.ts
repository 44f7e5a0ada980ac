import type { ChangeKind } from '../../core/change-kind.ts'
import type { Scope } from '../../core/principal.ts'

/** What can be kept as documents, in the order in which it is applied: what is named comes before what names it. */
export const RESOURCE_KINDS = ['Issuer', 'Window', 'Freeze', 'Binding'] as const

export type ResourceKindName = (typeof RESOURCE_KINDS)[number]

/** The version of the form in which documents are written. */
export const API_VERSION = 'portcullis/v1'

/** A document: what something is to be. */
export interface ResourceDocument {
  apiVersion: typeof API_VERSION
  kind: ResourceKindName
  name: string
  /** As the request of its own operation has it. */
  spec: object
}

/** What there is, as a document says it. */
export interface KnownResource {
  name: string
  spec: object
  /** RFC 3339. */
  updatedAt: string
  /** Name of a principal. */
  updatedBy: string
}

/** How resources of one kind are read and changed: as everywhere else. */
export interface ResourceKind {
  scope: Scope
  /** All there are, by name. */
  all: () => Promise<readonly KnownResource[]>
  put: ChangeKind<{ name: string; draft: object }>
  remove: ChangeKind<{ name: string }>
}

export type ResourceKinds = Readonly<Record<ResourceKindName, ResourceKind>>

/** How a resource is named in plans, records and tables. */
export function resourceKey({ kind, name }: { kind: string; name: string }): string {
  return `${kind}/${name}`
}
