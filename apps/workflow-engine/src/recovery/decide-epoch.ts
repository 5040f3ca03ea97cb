/** What is to be done about the epoch that Redis carries. */
export type EpochDecision =
  /** Redis has what it had: no work is repeated, only compared. */
  | "same"
  /** PostgreSQL has moved on and Redis was not told yet: the engine that moved it may have died. */
  | "write"
  /** Redis lost its data, or is another one: a new epoch begins. */
  | "advance";

/** Compares the epochs. Redis ahead of PostgreSQL means that one of them is not the one that it was. */
export function decideEpoch(postgres: bigint, redis: string | null): EpochDecision {
  if (redis === String(postgres)) return "same";
  if (redis === null || !/^\d+$/.test(redis)) return "advance";
  return BigInt(redis) < postgres ? "write" : "advance";
}
