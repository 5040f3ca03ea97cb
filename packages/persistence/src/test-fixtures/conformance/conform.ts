/**
 * One scenario through the store and through the model, compared after every step: what the call returned, every row of
 * every table, and the statistics. Two things are PostgreSQL's to say, and the model goes on with them: how long a retry
 * waits (it must lie in the range that the policy allows), and the time (it must lie within the step).
 *
 * Not compared: how many dependencies a cancelled task still had, the order of tasks that are published again, the order
 * between agent types of those that are dispatched, and the numbers that PostgreSQL gives to dead letters.
 */
import assert from "node:assert/strict";
import { EMPTY_HIVE, type Hive, statisticsOf } from "@agent-hive/domain";
import { answer, attemptsOf, Director, type HiveEvent, TIMEOUTS_MS } from "@agent-hive/domain/test-fixtures";
import { taskKeyOf } from "@agent-hive/contracts";
import type pg from "pg";
import type { TaskAttempt } from "../../types.js";
import type { WorkflowStore } from "../../workflow-store.js";
import { compareReturned, compareRows, HIGHEST, LOWEST, withDrawnDelays } from "./compare.js";
import { expectedReturn, expectedRows, messageOf, type Plans } from "./expected.js";
import { EMPTY_ALL, RowReader } from "./read-rows.js";
import { ask, nameOf, outputOf, planOf } from "./stored-hive.js";

/** The counters are compared with every row (I8); this counts all over again. */
const STEPS_BETWEEN_STATISTICS = 5;

/**
 * @param store over a database that nobody else uses: it is emptied first.
 * @throws AssertionError at the first difference, naming the step.
 */
export async function conform(events: readonly HiveEvent[], store: WorkflowStore, pool: pg.Pool): Promise<void> {
  await pool.query(EMPTY_ALL);
  const reader = new RowReader(pool);
  await reader.start();
  const director = new Director();
  const plans = new Map<string, ReturnType<typeof planOf>>();
  let hive = EMPTY_HIVE;
  let moved = 0;
  for (const [step, event] of events.entries()) {
    const action = director.direct(event, hive);
    if (action.kind === "submit") for (const start of action.workflows) plans.set(start.id, planOf(start));
    if (action.kind === "pass time") moved += action.ms;
    const now = moved + step + 1;
    const returned = await ask(store, pool, action);
    const rows = await reader.read(now, moved);
    const earliest = answer(hive, action, { now, random: LOWEST });
    const latest = answer(hive, action, { now, random: HIGHEST });
    const drawn = { ...earliest, hive: withDrawnDelays(hive, earliest.hive, latest.hive, rows) };
    const where = `step ${step} (${event.kind})`;
    compareReturned(where, returned, expectedReturn(hive, action, drawn, plans));
    compareRows(where, rows, expectedRows(drawn.hive, plans));
    if (step % STEPS_BETWEEN_STATISTICS === 0) await compareStatistics(store, drawn.hive);
    hive = drawn.hive;
    if (drawn.next !== undefined) director.turnedPage(drawn.next);
  }
  await compareStatistics(store, hive);
  await compareReads(store, hive, plans);
}

const attemptOf = ({ workflowId, position, agentType, attempt }: TaskAttempt): TaskAttempt => ({
  workflowId,
  position,
  agentType,
  attempt,
});

async function compareStatistics(store: WorkflowStore, hive: Hive): Promise<void> {
  assert.deepEqual(await store.statistics(), statisticsOf(hive), "statistics");
}

/** What can be read besides, once, at the end. */
async function compareReads(store: WorkflowStore, hive: Hive, plans: Plans): Promise<void> {
  const dispatched = attemptsOf(hive, "dispatched").toSorted((a, b) =>
    a.workflowId < b.workflowId ? -1 : a.workflowId > b.workflowId ? 1 : a.position - b.position,
  );
  const page = await store.dispatchedPage(null, 1000, 0);
  const messages = dispatched.map(({ workflowId, position }) =>
    messageOf(hive.workflows.get(workflowId)!, position, plans),
  );
  assert.deepEqual(page, { tasks: messages.map(attemptOf), next: null }, "the page of dispatched tasks");
  assert.deepEqual(
    await store.whileDispatched(page.tasks, async (still) => still),
    messages,
    "what their messages say",
  );

  const timeoutOf = (task: { workflowId: string; position: number }) =>
    plans.get(task.workflowId)!.tasks[task.position]!.timeoutMs;
  const overdue = await store.overdue(1000, -TIMEOUTS_MS[1] / 2);
  const late = dispatched.filter((task) => timeoutOf(task) === TIMEOUTS_MS[0]);
  assert.deepEqual(overdue.map(nameOf).sort(), late.map(nameOf).sort(), "overdue tasks");

  const standings = new Map(
    [...hive.workflows.values()].flatMap(({ id, tasks }) =>
      tasks.map(({ status, attempt }, position) => [taskKeyOf(id, position), { state: status, attempt }] as const),
    ),
  );
  assert.deepEqual(await store.statesOf([...standings.keys(), taskKeyOf("none", 1)]), standings, "states");
  assert.deepEqual(await store.readyBacklog(), statisticsOf(hive).backlog, "backlog");
  await compareOutputs(store, hive);
}

async function compareOutputs(store: WorkflowStore, { workflows }: Hive): Promise<void> {
  for (const { id, tasks } of workflows.values()) {
    for (const task of tasks.slice(0, 3)) {
      const { output, artifact } = task.status === "succeeded" ? outputOf(task.output) : {};
      const expected =
        task.status !== "succeeded"
          ? { kind: "none", state: task.status }
          : artifact
            ? { kind: "artifact", artifact, content: null }
            : { kind: "inline", output };
      assert.deepEqual(await store.outputOf(id, task.id), expected, `output of ${id} ${task.id}`);
    }
  }
}
