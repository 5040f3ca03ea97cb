/**
 * A Redis of which a kill takes nothing that it has answered for, so that whatever is run twice is our fault. With `everysec`
 * it puts off writing while an fsync goes on, and answers all the same: see `OwnRedis`.
 */
export const KEEPS_WHAT_IT_ANSWERED_FOR = { appendfsync: "no" };
