import type { Builtin } from './builtin.ts'
import { objectBuiltins } from './object.ts'
import { semverBuiltins } from './semver.ts'
import { sprintfBuiltins } from './sprintf.ts'
import { stringBuiltins } from './strings.ts'
import { timeBuiltins } from './time.ts'

/**
 * Every builtin that the host offers beyond those compiled into the Wasm. Each is a function of its operands alone, so that decisions replay,
 * and answers what OPA's own answers: `test/conformance/builtins.test.ts` compares them.
 */
export const HOST_BUILTINS: ReadonlyMap<string, Builtin> = new Map(
  Object.entries({ ...timeBuiltins, ...semverBuiltins, ...stringBuiltins, ...objectBuiltins, ...sprintfBuiltins }),
)
