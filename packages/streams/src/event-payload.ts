import type { HiveEvent } from "@agent-hive/contracts";

/** Events kept in Redis, approximately: they are for onlookers. */
export const EVENTS_KEPT = 10_000;

/** The payload of one entry of the events stream; "" for no events, which needs no entry. */
export function eventPayload(events: readonly HiveEvent[]): string {
  return events.length === 0 ? "" : JSON.stringify(events);
}
