import type { Page, PageRequest } from '../core/page.ts'
import type { People } from '../core/people.ts'
import type { Principal } from '../core/principal.ts'
import type { TokenStore } from './ports.ts'

/** The humans and workloads that tokens speak for. */
export class Principals {
  readonly #store: Pick<TokenStore, 'principal' | 'principals'>

  constructor(store: Pick<TokenStore, 'principal' | 'principals'>) {
    this.#store = store
  }

  find(idOrName: string): Promise<Principal | undefined> {
    return this.#store.principal(idOrName)
  }

  list(page: PageRequest, people?: People): Promise<Page<Principal>> {
    return this.#store.principals(page, people)
  }
}
