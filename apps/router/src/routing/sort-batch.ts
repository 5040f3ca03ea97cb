import { parseTaskItem, parseTasksEntry, type Keys, type StreamEntry } from "@agent-hive/contracts";
import type { DeadLetterEntry, MemberIdentity, RouteBatch, RoutedEntry, RoutedTask } from "@agent-hive/streams";
import { childTraceparent } from "@agent-hive/telemetry";
import { deadLetterPayload } from "./dead-letter.js";
import type { RoutingTable } from "./routing-table.js";

/** Where a batch comes from and who sorts it. */
export interface SortingContext {
  keys: Keys;
  by: MemberIdentity;
}

/** A task with where it came from, for the spans of its messages. */
export interface SortedTask extends RoutedTask {
  /** The context under which it came; it goes on under one of its own. */
  cameUnder: string;
  /** `<entry id>/<place>`, as dead letters are named. */
  messageId: string;
  /** The agent stream that it goes to, without a prefix. */
  target: string;
  handler: string | undefined;
}

/** A task that is set aside; what cannot be read has no context. */
export interface SortedLetter extends DeadLetterEntry {
  cameUnder?: string;
  messageId: string;
  problem: string;
}

/** A batch, sorted. */
export interface SortedBatch extends RouteBatch {
  routed: (RoutedEntry & { tasks: SortedTask[] })[];
  deadLetters: SortedLetter[];
}

type Why = { reason: "NO_TAKER" | "UNPARSEABLE"; message: string };

/**
 * Decides for each task in the entries of the dispatch stream where it goes: to a group's stream, or aside as a dead
 * letter. An entry that cannot be read is set aside as a whole.
 */
export function sortBatch(entries: readonly StreamEntry[], table: RoutingTable, context: SortingContext): SortedBatch {
  const batch: SortedBatch = { routed: [], deadLetters: [] };
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
): SortedTask | SortedLetter {
  const messageId = `${entry.id}/${place}`;
  const aside = (why: Why): SortedLetter => {
    const alone = { id: messageId, fields: { m: JSON.stringify(item) } };
    return { ...setAside(alone, why, context), entryId: entry.id, keepsEntry: true };
  };
  const parsed = parseTaskItem(item);
  if (!parsed.ok) {
    const message = `Task ${place} of entry "${entry.id}" is none of envelope version 1: ${parsed.reason}`;
    return aside({ reason: "UNPARSEABLE", message });
  }
  const task = parsed.value;
  const route = table.route(task);
  const { agentType, taskKey, attempt, traceparent: cameUnder, tracestate } = task;
  const traceparent = childTraceparent(cameUnder);
  if ("stream" in route) {
    const stream = context.keys.stream(route.stream);
    const [handler] = task.capabilities;
    return { stream, task: { ...task, traceparent }, cameUnder, messageId, target: route.stream, handler };
  }
  const letter = aside({ reason: "NO_TAKER", message: route.deadLetter });
  return { ...letter, cameUnder, agentType, taskKey, attempt, traceparent, tracestate };
}

function setAside(entry: StreamEntry, why: Why, { keys, by }: SortingContext): SortedLetter {
  const payload = deadLetterPayload(entry, why, { stream: keys.dispatch, by });
  return { entryId: entry.id, messageId: entry.id, problem: why.message, payload };
}
