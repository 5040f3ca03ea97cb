/** The two halves of a comparison: what a call returned, and the rows that are there afterwards. */
import assert from "node:assert/strict";
import type { Hive } from "@agent-hive/domain";
import type { DispatchedTask } from "../../types.js";
import type { ExpectedReturn } from "./expected.js";
import { type Rows, taskOf } from "./read-rows.js";
import { nameOf, type Returned } from "./stored-hive.js";

/** Chance at its ends. */
export const LOWEST = (): number => 0;
export const HIGHEST = (): number => 1 - Number.EPSILON;

/**
 * The hive, made with the lowest chance, with the waits that PostgreSQL drew: each lies between that and the highest.
 */
export function withDrawnDelays(before: Hive, hive: Hive, latest: Hive, rows: Rows): Hive {
  const stored = new Map(rows.task.map((row) => [taskOf(row), row]));
  const workflows = [...hive.workflows].map(([id, workflow]) => {
    if (before.workflows.get(id) === workflow) return [id, workflow] as const;
    const tasks = workflow.tasks.map((task, position) => {
      if (task.status !== "delayed" || before.workflows.get(id)?.tasks[position]?.status === "delayed") return task;
      const { due_at: dueAt } = stored.get(`${id}:${position}`) ?? {};
      const last = latest.workflows.get(id)!.tasks[position]!;
      const range = `${id}:${position}: is due at ${String(dueAt)}, between ${task.dueAt} and ${JSON.stringify(last)}`;
      assert.ok(typeof dueAt === "number" && Number.isInteger(dueAt) && task.dueAt <= dueAt, range);
      assert.ok(last.status === "delayed" && dueAt <= last.dueAt, range);
      return { ...task, dueAt };
    });
    return [id, { ...workflow, tasks }] as const;
  });
  return { ...hive, workflows: new Map(workflows) };
}

export function compareReturned(where: string, returned: Returned, expected: ExpectedReturn): void {
  const { dispatched, ...rest } = returned;
  const { dispatched: granted, republished, ...expectedRest } = expected;
  const names = new Set(granted.map(nameOf));
  const again = dispatched.filter((task) => !names.has(nameOf(task)));
  assert.deepEqual(
    byType(dispatched.filter((task) => names.has(nameOf(task)))),
    byType(granted),
    `${where}: dispatched`,
  );
  assert.deepEqual(byName(again), byName(republished), `${where}: published again`);
  assert.deepEqual(rest, expectedRest, `${where}: returned`);
}

/** In order within each agent type. */
function byType(tasks: readonly DispatchedTask[]): DispatchedTask[] {
  return tasks.toSorted((a, b) => (a.agentType < b.agentType ? -1 : a.agentType > b.agentType ? 1 : 0));
}

function byName(tasks: readonly DispatchedTask[]): DispatchedTask[] {
  return tasks.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

export function compareRows(where: string, actual: Rows, expected: Rows): void {
  for (const table of Object.keys(expected) as (keyof Rows)[]) {
    assert.deepEqual(actual[table], expected[table], `${where}: ${table}`);
  }
}
