import { jwtIssuerOf } from '../issuers/jwt-issuers.ts'
import type { IssuerStore } from '../issuers/ports.ts'
import type { LoginProviders } from './ports.ts'

/** The configured issuers at which people can log in. */
export function loginProviders(store: Pick<IssuerStore, 'revision' | 'all'>): LoginProviders {
  return {
    revision: () => store.revision(),
    all: async () =>
      (await store.all()).flatMap((each) => {
        const known = jwtIssuerOf(each)
        if (!known || !each.login) return []
        const { name, issuer, algorithms, keys, clockSkewMs } = known
        return [{ name, issuer, algorithms, keys, clockSkewMs, login: each.login }]
      }),
  }
}
