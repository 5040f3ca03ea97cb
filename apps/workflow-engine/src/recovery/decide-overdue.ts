import { parseInFlight, type HeldTask } from "@agent-hive/contracts";

/** What is known of an overdue candidate beside PostgreSQL. */
export interface OverdueEvidence {
  attempt: number;
  /** Milliseconds that a holder may go beyond the timeout before it counts as wedged. */
  graceMs: number;
  /** Value of its field in the in-flight index. */
  indexed: string | undefined;
  /** What a heartbeat says of it. */
  held: HeldTask | undefined;
  /** Entries of its streams that nobody has begun: it may be one of them. */
  waiting: number;
  /** Entries of the results stream, looked at after the index. */
  results: number;
}

/**
 * Whether the back-up timeout fires. Whoever runs the task enforces its timeout; this is for a holder that cannot, and for
 * an entry that is gone. A task that merely waits its turn is never timed out.
 */
export function decideOverdue({ attempt, graceMs, indexed, held, waiting, results }: OverdueEvidence): boolean {
  const inFlight = parseInFlight(indexed ?? "");
  // Not in the index at this attempt: the sweeper publishes it.
  if (inFlight?.attempt !== attempt) return false;
  // Done: its result waits to be recorded, or it was lost or unreadable, and will not come again.
  if (inFlight.done) return results === 0;
  if (held?.attempt === attempt) return held.elapsedMs > held.timeoutMs + graceMs;
  return waiting === 0;
}
