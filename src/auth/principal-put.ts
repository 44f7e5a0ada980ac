import { AppError } from '../core/app-error.ts'
import { differingParts, type ChangeKind, type ChangeMeta, type ChangePlan } from '../core/change-kind.ts'
import { isFreeText } from '../core/free-text.ts'
import { isId, newId } from '../core/id.ts'
import type { Access, Principal } from '../core/principal.ts'
import { mayDoEverything } from './authorize.ts'
import type { AuthErrorCode } from './errors.ts'
import type { AdministratorReader, PrincipalFields, TokenStore } from './ports.ts'
import { principalTarget } from './targets.ts'

/** One letter case, so that two principals never look alike; an e-mail address or a path of a repository can be a name. */
const NAME = /^(?!group:)[a-z0-9][a-z0-9._@:+/-]{0,127}$/
const MAX_GROUPS = 100
const MAX_TEXT = 200

/** A principal as an administrator writes it; `name` may be the id of one that exists. */
export type PrincipalDraft = Omit<PrincipalFields, 'id' | 'createdBy'>

export type PrincipalPut = ChangeKind<PrincipalDraft, { principal: Principal; created: boolean }>

export interface PrincipalPutParts {
  store: Pick<TokenStore, 'principal'>
  administrators: AdministratorReader
}

/**
 * Creates a principal, or replaces kind, standing and groups of the one with this name or id. Planning it throws `principal_invalid`, or
 * `principal_foreign` for who may not do everything and would change another's or join groups.
 */
export function principalPut({ store, administrators }: PrincipalPutParts): PrincipalPut {
  return {
    scope: 'principals:manage',

    target: async ({ name }) => principalTarget((await store.principal(name)) ?? { name }),

    async plan(access, draft, { by, cause }: ChangeMeta): Promise<ChangePlan> {
      const known = await store.principal(draft.name)
      if (!mayDoEverything(access)) requireOwn(access, draft, known)
      const principal: PrincipalFields = {
        id: known?.id ?? newId(),
        name: known?.name ?? newName(draft.name),
        kind: draft.kind,
        disabled: draft.disabled,
        groups: checkedGroups(draft.groups),
        createdBy: known?.createdBy ?? by.id,
      }
      const isAdministrator = known !== undefined && (await administrators.isAdministrator(known.id, cause.at))
      return {
        summary: known ? `Change the principal "${known.name}".` : `Make ${principal.kind} "${principal.name}" a principal.`,
        ...differingParts(known && shown(known), shown(principal)),
        guarded: givesPower(known, principal, isAdministrator) && 'access',
        effect: { operation: 'putPrincipal', args: { principal, cause } },
      }
    },

    resultOf: (outcome) => outcome as { principal: Principal; created: boolean },
  }
}

/**
 * Whether anybody gains power by it, or an administrator loses it: groups stand for people in policies and approvals; what is a person, and
 * which administrator counts, is what a second person rests on.
 */
export function givesPower(known: Principal | undefined, next: PrincipalFields, isAdministrator: boolean): boolean {
  if (known && known.kind !== next.kind) return true
  if (next.kind !== 'human') return false
  const joins = next.groups.some((group) => !known?.groups.includes(group))
  return joins || (known !== undefined && isAdministrator && known.disabled !== next.disabled)
}

function shown({ kind, disabled, groups }: PrincipalFields): object {
  return { kind, disabled, groups }
}

/** Policies trust principals and groups by name: nobody makes a principal into more than they are themselves. */
function requireOwn(access: Access, { groups }: PrincipalDraft, known: Principal | undefined): void {
  if (known && known.createdBy !== access.principal.id) {
    throw new AppError<AuthErrorCode>('principal_foreign', `This token may not change the principal "${known.name}".`, {
      field: 'path.name',
      remedy: 'Change one that you made, or use a token with the role admin that is not confined.',
    })
  }
  const foreign = groups.find((group) => !access.principal.groups.includes(group) && !known?.groups.includes(group))
  if (foreign === undefined) return
  throw new AppError<AuthErrorCode>('principal_foreign', `This token may not put a principal into the group "${foreign.slice(0, 80)}".`, {
    field: 'body.groups',
    remedy: 'Name groups that you are in yourself, or use a token with the role admin that is not confined.',
  })
}

/** A name in the form of an id could be taken for somebody else's id, `system` is the service itself, and `self` whoever asks. */
function newName(name: string): string {
  if (NAME.test(name) && !isId(name) && name !== 'system' && name !== 'self') return name
  throw new AppError<AuthErrorCode>('principal_invalid', `"${name.slice(0, 80)}" cannot be the name of a principal.`, {
    field: 'path.name',
    remedy:
      'Use lower-case letters, digits and . _ @ : + / - (128 at most), beginning with a letter or digit; not an id, not "system" or "self".',
  })
}

function checkedGroups(groups: readonly string[]): string[] {
  if (groups.length <= MAX_GROUPS && groups.every((group) => isFreeText(group, MAX_TEXT))) return [...new Set(groups)]
  throw new AppError<AuthErrorCode>('principal_invalid', 'The groups are too many, or one is empty, too long or has control characters.', {
    field: 'body.groups',
    remedy: `Give at most ${MAX_GROUPS}, each with at most ${MAX_TEXT} characters.`,
  })
}
