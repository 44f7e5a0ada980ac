import { sha256Digest } from '../core/digest.ts'
import type { Evidence } from './evidence.ts'

const MAX_TOOL = 200

/**
 * How a tool is told apart from others: letter case doesn't count. Its reports state the name: any text of any length, and yet part
 * of index rows, which must stay short.
 */
export function toolKey({ tool }: Pick<Evidence, 'tool'>): string {
  const name = tool.name.toLowerCase().replaceAll('\0', '\uFFFD').toWellFormed()
  return name.length > MAX_TOOL ? sha256Digest(name) : name
}
