import type { JwtAlgorithm, JwtIssuer, KeySource } from '../jwt/model.ts'
import type { LoginConfig } from '../login/login-config.ts'
import type { IssuerKind } from '../workload/kinds/kind.ts'
import type { Rule } from '../workload/rule.ts'

/**
 * Who is trusted to say who somebody is: whose tokens count, and as which principals. Of the kind `certificate` it stands for the
 * authorities of clients' certificates, which are files of the operator's: what is about tokens then says nothing.
 */
export interface Issuer {
  name: string
  kind: IssuerKind
  /** The `iss` claim, exactly; for certificates `certificate:` with what they are for. */
  issuer: string
  /** Host of the repositories that its claims name; null if the kind has none. */
  host: string | null
  /** What the `aud` claim has to name one of. */
  audiences: readonly string[]
  algorithms: readonly JwtAlgorithm[]
  /** Null for certificates. */
  keys: KeySource | null
  /** ISO 8601; how far its clock may differ. */
  clockSkew: string
  /** ISO 8601; longest time for which a token may hold. */
  maxLifetime: string
  replay: JwtIssuer['replay']
  /** In the order in which they are tried. */
  rules: readonly Rule[]
  /** How people log in at it; null if they don't. */
  login: LoginConfig | null
  /** Counts changes of this issuer, from 1. */
  revision: number
  updatedAt: string
  /** Name of a principal. */
  updatedBy: string
}

/** What an administrator decides about an issuer, checked and complete. */
export type IssuerSettings = Omit<Issuer, 'revision' | 'updatedAt' | 'updatedBy'>
