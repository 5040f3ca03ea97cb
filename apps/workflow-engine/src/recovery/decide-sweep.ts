import { parseInFlight } from "@agent-hive/contracts";
import type { TaskStanding } from "@agent-hive/persistence";

interface Field {
  taskKey: string;
  value: string;
}

/** Fields of an in-flight index that stand for nothing: the task is unknown, not dispatched, or at another attempt. */
export function decideDrops(fields: readonly Field[], standings: ReadonlyMap<string, TaskStanding>): Field[] {
  return fields.filter(({ taskKey, value }) => {
    const standing = standings.get(taskKey);
    const attempt = parseInFlight(value)?.attempt;
    if (standing === undefined || attempt === undefined) return true;
    return standing.state !== "dispatched" || standing.attempt !== attempt;
  });
}

/** Dispatched tasks that the index does not know at their attempt: their message never came to be, or is gone. */
export function decideRepublish<T extends { attempt: number }>(
  tasks: readonly T[],
  indexed: (task: T) => string | undefined,
): T[] {
  return tasks.filter((task) => {
    const known = parseInFlight(indexed(task) ?? "");
    return known === undefined || known.attempt < task.attempt;
  });
}
