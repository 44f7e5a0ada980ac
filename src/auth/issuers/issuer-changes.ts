import { differingParts, type ChangeKind } from '../../core/change-kind.ts'
import { issuerTarget } from '../targets.ts'
import { issuerRemovedEntry } from './entries.ts'
import { issuerNotFound } from './errors.ts'
import { issuerChange, type Issuers } from './issuers.ts'
import type { Issuer, IssuerSettings } from './model.ts'
import type { IssuerDraft } from './read-issuer.ts'

/** An issuer that is to be as the draft says. */
export interface IssuerPutRequest {
  name: string
  draft: IssuerDraft
}

export type IssuerPut = ChangeKind<IssuerPutRequest, { issuer: Issuer; created: boolean }>
export type IssuerRemoval = ChangeKind<{ name: string }, boolean>

/** Creates or replaces an issuer with its rules and its group map. Planning it throws what `Issuers.check` throws. */
export function issuerPut(issuers: Pick<Issuers, 'check' | 'known'>): IssuerPut {
  return {
    scope: 'issuers:manage',
    target: ({ name }) => issuerTarget(name),
    async plan(access, { name, draft }, { by, cause }) {
      const settings = await issuers.check(access, name, draft)
      const known = await issuers.known(name)
      return {
        summary: `${known ? 'Change' : 'Trust'} the issuer "${name}" (${settings.issuer}).`,
        ...differingParts(known && settingsOf(known), settings),
        guarded: 'access',
        effect: { operation: 'putIssuer', args: issuerChange(settings, by.name, cause) },
      }
    },
    resultOf: (outcome) => outcome as { issuer: Issuer; created: boolean },
  }
}

/** Removes an issuer. Planning it throws what `Issuers.checkRemoval` throws. */
export function issuerRemoval(issuers: Pick<Issuers, 'checkRemoval' | 'known'>): IssuerRemoval {
  return {
    scope: 'issuers:manage',
    target: ({ name }) => issuerTarget(name),
    async plan(access, { name }, { by, cause }) {
      await issuers.checkRemoval(access, name)
      const known = await issuers.known(name)
      if (!known) throw issuerNotFound(name)
      return {
        summary: `Trust the issuer "${name}" (${known.issuer}) no longer.`,
        ...differingParts(settingsOf(known), undefined),
        guarded: 'access',
        effect: { operation: 'removeIssuer', args: { name, entry: issuerRemovedEntry(name, by.name, cause) } },
      }
    },
    resultOf: (outcome) => outcome === true,
  }
}

function settingsOf({ revision: _revision, updatedAt: _at, updatedBy: _by, ...settings }: Issuer): IssuerSettings {
  return settings
}
