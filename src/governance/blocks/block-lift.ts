import type { ChangeKind } from '../../core/change-kind.ts'
import { blockTarget, type BlockLift } from './block.ts'
import type { Blocks } from './blocks.ts'
import { blockLiftedEntry } from './entries.ts'
import { blockOver } from './errors.ts'

export type BlockLifting = ChangeKind<{ id: string }, boolean>

/** Lets a blocked subject be judged again. Planning it throws `block_not_found` or `block_over`. */
export function blockLift(blocks: Pick<Blocks, 'find'>): BlockLifting {
  return {
    scope: 'bindings:write',
    target: ({ id }) => blockTarget(id),
    async plan(_access, { id }, { by, cause }) {
      const { state, liftedAt: _at, liftedBy: _by, ...block } = await blocks.find(id)
      if (state !== 'active') throw blockOver(state)
      const lift: BlockLift = { block: id, liftedAt: cause.at, liftedBy: by.name }
      return {
        summary: `Lift the block of ${block.subject}.`,
        before: { ...block },
        after: null,
        guarded: 'loosening',
        effect: { operation: 'liftBlock', args: { lift, entry: blockLiftedEntry(lift, block, cause) } },
      }
    },
    resultOf: (outcome) => outcome === true,
  }
}
