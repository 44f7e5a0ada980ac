import type { Logger } from 'pino'

import { idTokenIssuers } from '../auth/login/id-token.ts'
import { Logins } from '../auth/login/logins.ts'
import type { LoginProviders, ProviderClient, SecretFiles } from '../auth/login/ports.ts'
import { jwtIssuers } from '../auth/issuers/jwt-issuers.ts'
import { JwtVerifier } from '../auth/jwt/verifier.ts'
import type { LoginDamper } from '../auth/login-damper.ts'
import type { Refusals } from '../auth/refusals.ts'
import type { Clock } from '../core/clock.ts'
import type { Storage } from '../storage/storage.ts'

/** What reaches beyond this machine. */
export interface Outbound {
  client: ProviderClient
  files: SecretFiles
}

/** Says which tokens of CI systems are genuine; what they are worth, the rules of their issuers say. */
export function createJwtVerifier(storage: Storage, { client, files }: Outbound, clock: Clock, logger: Logger): JwtVerifier {
  return new JwtVerifier({
    issuers: jwtIssuers(storage.issuers),
    replay: storage.replay,
    fetcher: client,
    files,
    clock,
    onFailure: ({ issuer, error }) => logger.warn({ issuer, err: error }, 'the keys of an issuer could not be read'),
  })
}

/** How people come in: ID tokens are verified for our clients alone, apart from the tokens of jobs. */
export function createLogins(
  providers: LoginProviders,
  outbound: Outbound,
  parts: { storage: Storage; damper: LoginDamper; refusals: Refusals; clock: Clock; logger: Logger },
): Logins {
  const { storage, damper, refusals, clock, logger } = parts
  const { client, files } = outbound
  const verifier = new JwtVerifier({
    issuers: idTokenIssuers(providers),
    replay: storage.replay,
    fetcher: client,
    files,
    clock,
    onFailure: ({ issuer, error }) => logger.warn({ issuer, err: error }, 'the keys of a login provider could not be read'),
  })
  return new Logins({ providers, store: storage.logins, tokens: storage.tokens, client, files, verifier, damper, refusals, clock })
}
