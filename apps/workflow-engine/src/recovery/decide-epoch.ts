import type { StoredEpoch } from "@agent-hive/persistence";

/** What is to be done about the epoch that Redis carries. */
export type EpochDecision =
  /** Redis has what it had: no work is repeated, only compared. */
  | "same"
  /** PostgreSQL has moved on and Redis was not told yet: another engine is about to, or died before it could. */
  | "write"
  /** Redis lost its data, or is another one: a new epoch begins. */
  | "advance";

/**
 * Compares the epochs. One loss begins one epoch, however many engines see it: only an epoch that Redis has carried can be
 * lost. Read PostgreSQL's before that of Redis: what was written by then must still be there.
 *
 * @param redis null if Redis carries none.
 */
export function decideEpoch({ epoch, isWritten }: StoredEpoch, redis: string | null): EpochDecision {
  if (redis === String(epoch)) return "same";
  return isWritten ? "advance" : "write";
}
