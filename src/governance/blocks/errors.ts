import { AppError } from '../../core/app-error.ts'
import type { BlockState } from './block.ts'

export type BlockErrorCode = 'block_not_found' | 'block_over' | 'block_invalid' | 'blocks_too_many'

export function blockNotFound(): AppError<BlockErrorCode> {
  return new AppError('block_not_found', 'There is no such block.', { field: 'path.id', remedy: 'GET /v1/blocks lists them.' })
}

/** Whoever lifts a block twice should know that somebody did so before. */
export function blockOver(state: Exclude<BlockState, 'active'>): AppError<BlockErrorCode> {
  return new AppError('block_over', state === 'lifted' ? 'The block was lifted already.' : 'The block has ended by itself.', {
    field: 'path.id',
    remedy: 'Nothing has to be lifted: GET /v1/blocks/ID tells since when.',
  })
}

export function blockInvalid(field: string, message: string, remedy: string): AppError<BlockErrorCode> {
  return new AppError('block_invalid', message, { field: `body.${field}`, remedy })
}

/** All of them are held in memory. */
export function tooManyBlocks(most: number): AppError<BlockErrorCode> {
  return new AppError('blocks_too_many', `${most} blocks are active already.`, {
    remedy: 'Lift those that are no longer needed: GET /v1/blocks?state=active',
  })
}
