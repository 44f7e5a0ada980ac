/** Its allows let something older run again, and say nothing about whether that would be allowed today. */
export const ROLLBACK_STAGE = 'rollback'
