import { sha256Digest } from '../core/digest.ts'
import type { Evidence, Observation } from './evidence.ts'

const MAX_TOOL = 200

/**
 * How a tool is told apart from others: letter case doesn't count. Its reports state the name: any text of any length, and yet part
 * of index rows, which must stay short.
 */
export function toolKey({ tool }: Pick<Evidence, 'tool'>): string {
  const name = tool.name.toLowerCase().replaceAll('\0', '\uFFFD').toWellFormed()
  return name.length > MAX_TOOL ? sha256Digest(name) : name
}

/** Globs of the repositories that an observation belongs to: the one that it is about, where that is known; null counts everywhere. */
export function ownersOf({ repository, repositories }: Pick<Observation, 'repository' | 'repositories'>): readonly string[] | null {
  return repository === null ? repositories : [repository]
}

/** The owners as one text, `''` for null; `ownersIn` reads it. Names and globs of repositories hold no white space. */
export function ownerKey(observation: Pick<Observation, 'repository' | 'repositories'>): string {
  return ownersOf(observation)?.join(' ') ?? ''
}

export function ownersIn(key: string): readonly string[] | null {
  return key === '' ? null : key.split(' ')
}
