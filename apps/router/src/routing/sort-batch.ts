import { parseTaskItem, parseTasksEntry, type Keys, type StreamEntry } from "@agent-hive/contracts";
import type { DeadLetterEntry, MemberIdentity, RouteBatch, RoutedTask } from "@agent-hive/streams";
import { deadLetterPayload } from "./dead-letter.js";
import type { RoutingTable } from "./routing-table.js";

/** Where a batch comes from and who sorts it. */
export interface SortingContext {
  keys: Keys;
  by: MemberIdentity;
}

type Why = { reason: "NO_TAKER" | "UNPARSEABLE"; message: string };

/**
 * Decides for each task in the entries of the dispatch stream where it goes: to a group's stream, or aside as a dead
 * letter. An entry that cannot be read is set aside as a whole.
 */
export function sortBatch(entries: readonly StreamEntry[], table: RoutingTable, context: SortingContext): RouteBatch {
  const batch: RouteBatch = { routed: [], deadLetters: [] };
  for (const entry of entries) {
    const items = parseTasksEntry(entry.fields);
    if (items.ok) {
      const sorted = items.value.map((item, place) => sortItem(entry, item, place, table, context));
      batch.routed.push({ entryId: entry.id, tasks: sorted.flatMap((each) => ("task" in each ? each : [])) });
      batch.deadLetters.push(...sorted.flatMap((each) => ("task" in each ? [] : each)));
    } else {
      const message = `Entry "${entry.id}" carries no tasks of envelope version 1: ${items.reason}`;
      batch.deadLetters.push(setAside(entry, { reason: "UNPARSEABLE", message }, context));
    }
  }
  return batch;
}

/** @param place of the task in its entry, from 0. */
function sortItem(
  entry: StreamEntry,
  item: unknown,
  place: number,
  table: RoutingTable,
  context: SortingContext,
): RoutedTask | DeadLetterEntry {
  const aside = (why: Why): DeadLetterEntry => {
    const alone = { id: `${entry.id}/${place}`, fields: { m: JSON.stringify(item) } };
    return { ...setAside(alone, why, context), entryId: entry.id, keepsEntry: true };
  };
  const parsed = parseTaskItem(item);
  if (!parsed.ok) {
    const message = `Task ${place} of entry "${entry.id}" is none of envelope version 1: ${parsed.reason}`;
    return aside({ reason: "UNPARSEABLE", message });
  }
  const task = parsed.value;
  const route = table.route(task);
  if ("stream" in route) return { stream: context.keys.stream(route.stream), task };
  const { agentType, taskKey, attempt, traceparent, tracestate } = task;
  const letter = aside({ reason: "NO_TAKER", message: route.deadLetter });
  return { ...letter, agentType, taskKey, attempt, traceparent, tracestate };
}

function setAside(entry: StreamEntry, why: Why, { keys, by }: SortingContext): DeadLetterEntry {
  return { entryId: entry.id, payload: deadLetterPayload(entry, why, { stream: keys.dispatch, by }) };
}
