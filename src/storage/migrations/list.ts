import { initial } from './001-initial.ts'
import { stagedEvidence } from './002-staged-evidence.ts'
import type { Migration } from './migration.ts'

/** Every step of the schema, in order. The same list for both engines. */
export const MIGRATIONS: readonly Migration[] = [initial, stagedEvidence]
