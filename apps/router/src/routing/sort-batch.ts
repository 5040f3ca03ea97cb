import { parseTaskEntry, type Keys, type StreamEntry } from "@agent-hive/contracts";
import type { DeadLetterEntry, MemberIdentity, RouteBatch } from "@agent-hive/streams";
import { deadLetterPayload } from "./dead-letter.js";
import type { RoutingTable } from "./routing-table.js";

/** Where a batch comes from and who sorts it. */
export interface SortingContext {
  keys: Keys;
  by: MemberIdentity;
}

/** Decides for each entry of the dispatch stream where it goes: to a group's stream, or aside as a dead letter. */
export function sortBatch(entries: readonly StreamEntry[], table: RoutingTable, context: SortingContext): RouteBatch {
  const batch: RouteBatch = { routed: [], deadLetters: [] };
  for (const entry of entries) {
    const parsed = parseTaskEntry(entry.fields);
    if (!parsed.ok) {
      const message = `Entry "${entry.id}" is no task of envelope version 1: ${parsed.reason}`;
      batch.deadLetters.push(setAside(entry, { reason: "UNPARSEABLE", message }, context));
      continue;
    }
    const route = table.route(parsed.value);
    if ("stream" in route) {
      batch.routed.push({ entryId: entry.id, stream: context.keys.stream(route.stream), task: parsed.value });
    } else {
      const letter = setAside(entry, { reason: "NO_TAKER", message: route.deadLetter }, context);
      const { agentType, taskKey, attempt, traceparent, tracestate } = parsed.value;
      batch.deadLetters.push({ ...letter, agentType, taskKey, attempt, traceparent, tracestate });
    }
  }
  return batch;
}

function setAside(
  entry: StreamEntry,
  why: { reason: "NO_TAKER" | "UNPARSEABLE"; message: string },
  { keys, by }: SortingContext,
): DeadLetterEntry {
  return { entryId: entry.id, payload: deadLetterPayload(entry, why, { stream: keys.dispatch, by }) };
}
