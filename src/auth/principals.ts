import { AppError } from '../core/app-error.ts'
import type { Clock } from '../core/clock.ts'
import { isFreeText } from '../core/free-text.ts'
import { isId, newId } from '../core/id.ts'
import type { Page, PageRequest } from '../core/page.ts'
import type { Access, Principal } from '../core/principal.ts'
import { formatInstant } from '../core/time.ts'
import { mayDoEverything } from './authorize.ts'
import type { AuthErrorCode } from './errors.ts'
import type { PrincipalFields, TokenStore } from './ports.ts'

/** One letter case, so that two principals never look alike; an e-mail address or a path of a repository can be a name. */
const NAME = /^(?!group:)[a-z0-9][a-z0-9._@:+/-]{0,127}$/
const MAX_GROUPS = 100
const MAX_TEXT = 200

/** A principal as an administrator writes it. */
export type PrincipalDraft = Omit<PrincipalFields, 'id' | 'createdBy'>

/** Manages the humans and workloads that tokens speak for. */
export class Principals {
  readonly #store: Pick<TokenStore, 'principal' | 'principals' | 'putPrincipal'>
  readonly #clock: Clock

  constructor(store: Pick<TokenStore, 'principal' | 'principals' | 'putPrincipal'>, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /**
   * Creates a principal, or replaces kind, standing and groups of the one with this name or id.
   * @throws {AppError} `principal_invalid`, or `principal_foreign` for who may not do everything and would change another's or join groups
   */
  async put(access: Access, draft: PrincipalDraft, requestId?: string): Promise<{ principal: Principal; created: boolean }> {
    const known = await this.#store.principal(draft.name)
    if (!mayDoEverything(access)) requireOwn(access, draft, known)
    const principal: PrincipalFields = {
      id: known?.id ?? newId(),
      name: known?.name ?? newName(draft.name),
      kind: draft.kind,
      disabled: draft.disabled,
      groups: checkedGroups(draft.groups),
      createdBy: known?.createdBy ?? access.principal.id,
    }
    const cause = { actor: access.principal.id, at: formatInstant(this.#clock.now()), requestId }
    return this.#store.putPrincipal(principal, cause)
  }

  find(idOrName: string): Promise<Principal | undefined> {
    return this.#store.principal(idOrName)
  }

  list(page: PageRequest): Promise<Page<Principal>> {
    return this.#store.principals(page)
  }
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

/** A name in the form of an id could be taken for somebody else's id, and `system` for the service itself. */
function newName(name: string): string {
  if (NAME.test(name) && !isId(name) && name !== 'system') return name
  throw new AppError<AuthErrorCode>('principal_invalid', `"${name.slice(0, 80)}" cannot be the name of a principal.`, {
    field: 'path.name',
    remedy: 'Use lower-case letters, digits and . _ @ : + / - (128 at most), beginning with a letter or digit; not an id, not "system".',
  })
}

function checkedGroups(groups: readonly string[]): string[] {
  if (groups.length <= MAX_GROUPS && groups.every((group) => isFreeText(group, MAX_TEXT))) return [...new Set(groups)]
  throw new AppError<AuthErrorCode>('principal_invalid', 'The groups are too many, or one is empty, too long or has control characters.', {
    field: 'body.groups',
    remedy: `Give at most ${MAX_GROUPS}, each with at most ${MAX_TEXT} characters.`,
  })
}
