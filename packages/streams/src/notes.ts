/** How tasks and entries stand in a history: as short arrays, since there is one note for a whole batch. */
import type { StreamEntry } from "@agent-hive/contracts";

type AttemptNote = [taskKey: string, attempt: number];

export const notedAttempts = (tasks: readonly { taskKey: string; attempt: number }[]): AttemptNote[] =>
  tasks.map(({ taskKey, attempt }) => [taskKey, attempt]);

export const notedDeliveries = (
  tasks: readonly { taskKey: string; attempt: number; entryId: string }[],
): [...AttemptNote, entryId: string][] => tasks.map(({ taskKey, attempt, entryId }) => [taskKey, attempt, entryId]);

/** What an entry does not say is null. */
export const notedEntries = (entries: readonly StreamEntry[]): [string | null, number | null, entryId: string][] =>
  entries.map(({ id, fields: { k, a } }) => [k ?? null, a === undefined ? null : Number(a), id]);
