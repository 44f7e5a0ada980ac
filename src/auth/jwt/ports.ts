import type { JwtIssuer } from './model.ts'

/** The issuers that are trusted. Reads see every committed write. */
export interface JwtIssuers {
  /** Another number after each committed change of an issuer. */
  revision(): Promise<number>
  /** All of them; they are few. */
  all(): Promise<readonly JwtIssuer[]>
}

/** Fetches what an issuer publishes: from configured addresses only, without following redirects, bounded in size and time. */
export interface JsonFetcher {
  /** @throws whatever prevented it; the message may be logged */
  fetchJson(url: string): Promise<unknown>
}

/** Files that the operator laid down for issuers. */
export interface IssuerFiles {
  /**
   * @param name a plain file name
   * @throws if there is no such file in the directory, or it is too large
   */
  read(name: string): Promise<string>
}

/** Remembers which tokens were used. */
export interface ReplayGuard {
  /**
   * Notes that a token was used. Of any number of calls for one token exactly one gets true, also across restarts and replicas.
   * @param issuer the `iss` claim
   * @param tokenId the `jti` claim
   * @param until milliseconds since the epoch: when the token is refused anyway
   */
  claimJti(issuer: string, tokenId: string, until: number): Promise<boolean>
}
