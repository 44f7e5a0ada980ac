import { isExactGlob } from './glob.ts'
import { isHostQualified, matchesRepository, withoutHost } from './repository.ts'

/** Finds by the name of a repository what is kept under globs, of which there may be many. Letter case doesn't count: forges don't tell it apart. */
export class RepositoryIndex<Value> {
  readonly #named = new Map<string, Value>()
  readonly #namedOnAnyHost = new Map<string, Value>()
  readonly #patterns: (readonly [glob: string, value: Value])[] = []

  constructor(entries: Iterable<readonly [glob: string, value: Value]>) {
    for (const [given, value] of entries) {
      const glob = given.toLowerCase()
      if (!isExactGlob(glob)) this.#patterns.push([glob, value])
      else if (isHostQualified(glob)) this.#named.set(glob, value)
      else this.#namedOnAnyHost.set(glob, value)
    }
  }

  /** What is kept under a glob that matches the repository; of several, any one. */
  find(repository: string): Value | undefined {
    const name = repository.toLowerCase()
    const named = this.#named.get(name) ?? this.#namedOnAnyHost.get(withoutHost(name))
    return named ?? this.#patterns.find(([glob]) => matchesRepository(glob, name))?.[1]
  }
}
