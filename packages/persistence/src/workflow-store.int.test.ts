import { createHash } from "node:crypto";
import { AgentTypes } from "@agent-hive/contracts";
import { createTestDatabase, type TestDatabase } from "@agent-hive/testing";
import { runMigrations } from "./migrate.js";
import { schemaFingerprint } from "./sql.js";
import { openHiveDatabase, type HiveDatabase } from "./test-fixtures/hive-database.js";
import { failure, joinPlan, planOf, PLENTY, resultFor, success } from "./test-fixtures/plans.js";
import type { CrashRow, DeadLetterRow, DispatchedTask, TaskAttempt } from "./types.js";
import type { WorkflowStore } from "./workflow-store.js";

const stillDispatched = (store: WorkflowStore, tasks: readonly TaskAttempt[]): Promise<DispatchedTask[]> =>
  store.whileDispatched(tasks, async (dispatched) => dispatched);

const AGENT_TYPES = new AgentTypes([
  { type: "A", agentType: "a", group: "a_consumers", stream: "agent_messages:a", maxConsumers: 1, capabilities: ["*"] },
]);

let database: TestDatabase;
let hive: HiveDatabase;

beforeAll(async () => {
  database = await createTestDatabase({ fingerprint: schemaFingerprint(), migrate: (url) => runMigrations(url) });
  hive = openHiveDatabase(database.url, { agentTypes: AGENT_TYPES });
});
afterEach(async () => {
  await hive.assertConserved();
  await hive.pool.query(
    "truncate workflow, task, ready_queue, delayed_queue, attempt_history, dead_letter, submission",
  );
});
afterAll(async () => {
  await hive.pool.end();
  await database.drop();
});

/** Submits one workflow with room for all; its first tasks are dispatched. */
async function start(plan = joinPlan()): Promise<{ id: string; dispatched: DispatchedTask[] }> {
  const { dispatched } = await hive.store.submit([plan], { free: PLENTY });
  return { id: plan.id, dispatched };
}

const names = (tasks: DispatchedTask[]): string[] => tasks.map(({ taskId, attempt }) => `${taskId}@${attempt}`);

describe("submitting", () => {
  test("first tasks are dispatched as far as there is room, the most urgent first, the rest waits in the queue", async () => {
    const plan = planOf([{ remainingPath: 1 }, { remainingPath: 3 }, { remainingPath: 2 }, { agentType: "b" }]);
    const { dispatched, workflows } = await hive.store.submit([plan], { free: { a: 2 } });
    expect(names(dispatched)).toEqual(["t1@1", "t2@1"]);
    expect(workflows).toEqual([{ id: plan.id, name: "test", state: "running" }]);
    expect(await hive.store.readyBacklog()).toEqual({ a: 1, b: 1 });
  });

  test("newcomers do not overtake what waits already", async () => {
    const earlier = planOf([{}]);
    await hive.store.submit([earlier]);
    const { dispatched } = await hive.store.submit([planOf([{}], { priority: 1 })], { free: { a: 1 } });
    expect(dispatched).toEqual([]);
    expect((await hive.store.fillWindows({ a: 1 })).map(({ workflowId }) => workflowId)).toEqual([earlier.id]);
  });

  test("a dispatched task carries all that its message needs", async () => {
    const plan = planOf([{ input: '{"a":"\\u0000"}', requires: ['x"y', "z"], handler: "h", timeoutMs: 7 }], {
      input: '{"w":1}',
      tracestate: "k=v",
      name: "named",
    });
    const { dispatched } = await start(plan);
    expect(dispatched).toEqual([
      {
        workflowId: plan.id,
        workflowName: "named",
        position: 0,
        taskId: "t0",
        agentType: "a",
        attempt: 1,
        handler: "h",
        requires: ['x"y', "z"],
        input: '{"a":"\\u0000"}',
        workflowInput: '{"w":1}',
        timeoutMs: 7,
        crashes: 0,
        crashesAlone: 0,
        checkpoint: null,
        traceparent: plan.traceparent,
        tracestate: "k=v",
      },
    ]);
  });

  test("the same key and body give the workflows of the first time and write nothing (I5)", async () => {
    const first = joinPlan();
    const idempotency = { key: "order-7", requestHash: "abc" };
    await hive.store.submit([first], { idempotency });
    const again = await hive.store.submit([joinPlan()], { idempotency, free: PLENTY });
    expect(again).toEqual({
      workflows: [{ id: first.id, name: "test", state: "running" }],
      replayed: true,
      dispatched: [],
    });
    expect((await hive.store.statistics()).workflows.running).toBe(1);
  });

  test("the same key with another body is refused (I5)", async () => {
    await hive.store.submit([joinPlan()], { idempotency: { key: "order-8", requestHash: "abc" } });
    await expect(
      hive.store.submit([joinPlan()], { idempotency: { key: "order-8", requestHash: "def" } }),
    ).rejects.toMatchObject({ code: "idempotency_conflict" });
  });

  test("the same request sent many times at once is stored once (I5)", async () => {
    const idempotency = { key: "order-9", requestHash: "abc" };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => hive.store.submit([joinPlan()], { idempotency })),
    );
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(new Set(answers.map(({ workflows }) => workflows[0]!.id)).size).toBe(1);
  });
});

describe("recording successes", () => {
  test("a join is dispatched when its last parent is recorded, and the last success ends the workflow", async () => {
    const { id, dispatched } = await start();
    const first = await hive.store.recordBatch({ results: [resultFor(dispatched[0]!)] }, PLENTY);
    expect(first).toMatchObject({ verdicts: ["applied"], dispatched: [], finished: [] });
    const second = await hive.store.recordBatch({ results: [resultFor(dispatched[1]!)] }, PLENTY);
    expect(names(second.dispatched)).toEqual(["t2@1"]);
    const last = await hive.store.recordBatch({ results: [resultFor(second.dispatched[0]!)] }, PLENTY);
    expect(last.finished).toEqual([{ id, state: "succeeded" }]);
    expect(await hive.history(id)).toEqual(["t0@1 succeeded", "t1@1 succeeded", "t2@1 succeeded"]);
  });

  test("both parents in one batch close both dependencies", async () => {
    const { dispatched } = await start();
    const { dispatched: next } = await hive.store.recordBatch(
      { results: dispatched.map((task) => resultFor(task)) },
      PLENTY,
    );
    expect(names(next)).toEqual(["t2@1"]);
  });

  test("without room what becomes ready waits, and goes out by urgency when there is some", async () => {
    const plan = planOf([{}, { dependsOn: [0], remainingPath: 1 }, { dependsOn: [0], remainingPath: 2 }]);
    const { id, dispatched } = await start(plan);
    const { dispatched: none } = await hive.store.recordBatch({ results: [resultFor(dispatched[0]!)] }, {});
    expect(none).toEqual([]);
    expect(await hive.states(id)).toBe("t0:succeeded t1:ready t2:ready");
    expect(names(await hive.store.fillWindows({ a: 1, b: 5 }))).toEqual(["t2@1"]);
    expect(names(await hive.store.fillWindows({ a: 5 }))).toEqual(["t1@1"]);
  });

  test("with tasks of its type waiting, a newcomer queues and the most urgent of all goes out", async () => {
    const urgent = planOf([{}], { priority: 9 });
    const { dispatched } = await start(planOf([{}, { dependsOn: [0] }]));
    await hive.store.submit([urgent]);
    const { dispatched: next } = await hive.store.recordBatch({ results: [resultFor(dispatched[0]!)] }, { a: 1 });
    expect(next.map(({ workflowId }) => workflowId)).toEqual([urgent.id]);
  });

  test("outputs are kept as they came, and artifacts by reference", async () => {
    const { id, dispatched } = await start(planOf([{}, {}]));
    const deep = `${"[".repeat(20_000)}${"]".repeat(20_000)}`;
    const content = Buffer.from('"large"');
    const artifact = { sha256: createHash("sha256").update(content).digest("hex"), bytes: content.length };
    await hive.store.putArtifact(artifact.sha256, content);
    await hive.store.putArtifact(artifact.sha256, content);
    const results = [
      resultFor(dispatched[0]!, success(deep)),
      resultFor(dispatched[1]!, { status: "succeeded", output: null, artifact }),
    ];
    expect(await hive.store.outputOf(id, "t0")).toEqual({ kind: "none", state: "dispatched" });
    await hive.store.recordBatch({ results }, {});
    expect(await hive.store.outputOf(id, "t0")).toEqual({ kind: "inline", output: deep });
    expect(await hive.store.outputOf(id, "t1")).toEqual({ kind: "artifact", artifact, content });
    expect(await hive.store.outputOf(id, "t9")).toBeNull();
    expect(await hive.store.getArtifact("0".repeat(64))).toBeNull();
  });

  test("bytes under another address than their own are refused", async () => {
    await expect(hive.store.putArtifact("0".repeat(64), Buffer.from("x"))).rejects.toMatchObject({
      code: "artifact_mismatch",
    });
  });
});

describe("recording again, late or wrongly", () => {
  test("a redelivered batch changes nothing and returns again what may not have been published", async () => {
    const { id, dispatched } = await start();
    const batch = { results: dispatched.map((task) => resultFor(task)) };
    const first = await hive.store.recordBatch(batch, PLENTY);
    const again = await hive.store.recordBatch(batch, PLENTY);
    expect(again.verdicts).toEqual(["duplicate", "duplicate"]);
    expect(again.dispatched).toEqual(first.dispatched);
    expect(again.settled).toEqual(first.settled);
    expect(await hive.states(id)).toBe("t0:succeeded t1:succeeded t2:dispatched");
    expect(await hive.history(id)).toEqual(["t0@1 succeeded", "t1@1 succeeded"]);
  });

  test("of two results for one attempt in a batch the first counts", async () => {
    const { id, dispatched } = await start(planOf([{}]));
    const results = [resultFor(dispatched[0]!), resultFor(dispatched[0]!, failure(false))];
    const { verdicts } = await hive.store.recordBatch({ results }, PLENTY);
    expect(verdicts).toEqual(["applied", "duplicate"]);
    expect(await hive.states(id)).toBe("t0:succeeded");
  });

  test("a result of an attempt before the current one is fenced and changes nothing (I3)", async () => {
    const { id, dispatched } = await start(planOf([{}]));
    await hive.store.recordBatch({ results: [resultFor(dispatched[0]!, failure())] }, {});
    await hive.store.releaseDue();
    const [second] = await hive.store.fillWindows(PLENTY);
    expect(second!.attempt).toBe(2);
    const { verdicts } = await hive.store.recordBatch({ results: [resultFor(dispatched[0]!)] }, PLENTY);
    expect(verdicts).toEqual(["fenced"]);
    expect(await hive.states(id)).toBe("t0:dispatched@2");
    expect(await hive.history(id)).toEqual(["t0@1 failed", "t0@1 fenced"]);
  });

  test("a failure heard of again after its retry was dispatched is a duplicate, not fenced", async () => {
    const { id, dispatched } = await start(planOf([{}]));
    const failed = resultFor(dispatched[0]!, failure());
    await hive.store.recordBatch({ results: [failed] }, {});
    await hive.store.releaseDue();
    await hive.store.fillWindows(PLENTY);
    expect((await hive.store.recordBatch({ results: [failed] }, {})).verdicts).toEqual(["duplicate"]);
    expect(await hive.history(id)).toEqual(["t0@1 failed"]);
  });

  test("results of no known task, of a cancelled one and with senseless values harm nothing else in the batch", async () => {
    const cancelled = await start(planOf([{}]));
    await hive.store.cancel(cancelled.id);
    const { dispatched } = await start(planOf([{}]));
    const good = dispatched[0]!;
    const results = [
      resultFor({ ...good, workflowId: "01990000-0000-7000-8000-00000000ffff" }),
      resultFor({ ...good, position: 77 }),
      resultFor({ ...good, workflowId: "not-a-uuid" }),
      resultFor({ ...good, attempt: 2 ** 50 }),
      resultFor(cancelled.dispatched[0]!),
      resultFor(good, success('"\0"'), { agentId: "nul\0", startedAtMs: -1e200, finishedAtMs: 1e300 }),
    ];
    const { verdicts } = await hive.store.recordBatch({ results }, PLENTY);
    expect(verdicts).toEqual(["unknown", "unknown", "unknown", "fenced", "cancelled", "applied"]);
  });
});

describe("failures", () => {
  test("a failed attempt is tried again after a growing, jittered wait, until its attempts are used up", async () => {
    const retry = { maxAttempts: 3, initialDelayMs: 1000, factor: 3, maxDelayMs: 2500 };
    const { id, dispatched } = await start(planOf([{ retry }, {}]));
    let task: TaskAttempt = dispatched[0]!;
    for (const [least, most] of [
      [500, 1000],
      [1250, 2500],
    ] as const) {
      const { changes, settled } = await hive.store.recordBatch({ results: [resultFor(task, failure())] }, {});
      expect(changes).toEqual([expect.objectContaining({ taskId: "t0", state: "delayed" })]);
      expect(settled).toHaveLength(1);
      const { rows } = await hive.pool.query(
        `select extract(epoch from t.due_at - h.recorded_at)::double precision * 1000 as wait
         from task t join attempt_history h using (workflow_id, position, attempt) where workflow_id = $1 and position = 0`,
        [id],
      );
      expect(rows[0].wait).toBeGreaterThanOrEqual(least);
      expect(rows[0].wait).toBeLessThanOrEqual(most);
      expect(await hive.store.releaseDue()).toBe(0);
      await hive.pool.query("update delayed_queue set due_at = now()");
      await hive.pool.query("update task set due_at = now() where state = 'delayed'");
      expect(await hive.store.releaseDue()).toBe(1);
      task = (await hive.store.fillWindows(PLENTY))[0]!;
    }
    expect(task.attempt).toBe(3);
    const last = await hive.store.recordBatch({ results: [resultFor(task, failure())] }, {});
    expect(last.finished).toEqual([{ id, state: "failed" }]);
    expect(await hive.states(id)).toBe("t0:failed@3 t1:cancelled");
  });

  test("a failure that asks for more time gets it, even beyond the policy's longest wait", async () => {
    const { dispatched } = await start(planOf([{}]));
    const results = [resultFor(dispatched[0]!, failure(true, { retryAfterMs: 3_600_000 }))];
    const before = Date.now();
    const { changes } = await hive.store.recordBatch({ results }, {});
    expect(changes[0]!.dueAt!.getTime()).toBeGreaterThanOrEqual(before + 3_599_000);
  });

  test("a failure that repeating cannot help fails the workflow and cancels all that lives in it", async () => {
    const plan = planOf([{}, {}, { dependsOn: [0] }, { dependsOn: [1] }, { agentType: "b" }]);
    const { dispatched } = await hive.store.submit([plan], { free: { a: 2 } });
    const { changes, finished, settled } = await hive.store.recordBatch(
      { results: [resultFor(dispatched[0]!, failure(false))] },
      PLENTY,
    );
    expect(finished).toEqual([{ id: plan.id, state: "failed" }]);
    expect(changes.map(({ taskId, state, wasDispatched }) => `${taskId} ${state} ${wasDispatched}`)).toEqual([
      "t0 failed true",
      "t1 cancelled true",
      "t2 cancelled false",
      "t3 cancelled false",
      "t4 cancelled false",
    ]);
    expect(settled.map(({ position }) => position)).toEqual([0, 1]);
    expect(await hive.store.readyBacklog()).toEqual({});
  });

  test("a success and a failure of one workflow in one batch both count, and nothing of it is dispatched", async () => {
    const { id, dispatched } = await start(planOf([{}, {}, { dependsOn: [0] }]));
    const results = [resultFor(dispatched[0]!), resultFor(dispatched[1]!, failure(false))];
    const recorded = await hive.store.recordBatch({ results }, PLENTY);
    expect(recorded).toMatchObject({ verdicts: ["applied", "applied"], dispatched: [] });
    expect(await hive.states(id)).toBe("t0:succeeded t1:failed t2:cancelled");
  });

  test("a dead-letter outcome sets the task aside at once, with its reason", async () => {
    const { id, dispatched } = await start(planOf([{}]));
    const outcome = { status: "dead-letter" as const, error: { code: "rejected", message: "cannot be done" } };
    await hive.store.recordBatch({ results: [resultFor(dispatched[0]!, outcome)] }, {});
    expect(await hive.states(id)).toBe("t0:dead");
    const { rows } = await hive.pool.query("select reason, message, stream from dead_letter");
    expect(rows).toEqual([{ reason: "REJECTED", message: "cannot be done", stream: "agent_messages:a" }]);
  });
});

describe("time", () => {
  test("overdue attempts are found by PostgreSQL's clock and end as timed out, once", async () => {
    const { id, dispatched } = await start(planOf([{ timeoutMs: 1 }, { timeoutMs: 60_000 }]));
    await hive.pool.query("update task set dispatched_at = now() - interval '10 seconds'");
    expect(await hive.store.overdue(10, 20_000)).toEqual([]);
    const overdue = await hive.store.overdue(10);
    expect(overdue).toEqual([expect.objectContaining({ position: 0, attempt: 1, timeoutMs: 1 })]);
    expect(overdue[0]!.dispatchedForMs).toBeGreaterThanOrEqual(10_000);
    expect((await hive.store.timeOut(overdue, {})).verdicts).toEqual(["applied"]);
    expect((await hive.store.timeOut(overdue, {})).verdicts).toEqual(["duplicate"]);
    expect(await hive.states(id)).toBe("t0:delayed t1:dispatched");
    const late = await hive.store.recordBatch({ results: [resultFor(dispatched[0]!)] }, {});
    expect(late.verdicts).toEqual(["duplicate"]);
    expect(await hive.history(id)).toEqual(["t0@1 timed-out"]);
  });
});

describe("cancelling", () => {
  test("everything that has not ended is cancelled, and nothing is recorded after it (I4)", async () => {
    const { id, dispatched } = await start();
    const cancelled = await hive.store.cancel(id);
    expect(cancelled).toMatchObject({
      status: "cancelled",
      state: "cancelled",
      finished: [{ id, state: "cancelled" }],
    });
    expect(cancelled.settled.map(({ position }) => position)).toEqual([0, 1]);
    const { verdicts, dispatched: none } = await hive.store.recordBatch(
      { results: [resultFor(dispatched[0]!)] },
      PLENTY,
    );
    expect([verdicts, none]).toEqual([["cancelled"], []]);
    expect(await hive.states(id)).toBe("t0:cancelled t1:cancelled t2:cancelled");
    expect(await hive.history(id)).toEqual(["t0@1 cancelled", "t1@1 cancelled"]);
  });

  test("what ended stays as it ended; what never was is not found", async () => {
    const { id, dispatched } = await start(planOf([{}]));
    await hive.store.recordBatch({ results: [resultFor(dispatched[0]!)] }, {});
    expect(await hive.store.cancel(id)).toMatchObject({ status: "already-finished", state: "succeeded", changes: [] });
    expect(await hive.store.cancel("01990000-0000-7000-8000-00000000ffff")).toMatchObject({ status: "not-found" });
  });
});

describe("crashes", () => {
  const crash = (task: TaskAttempt, entryId: string, more: Partial<CrashRow> = {}): CrashRow => ({
    ...task,
    entryId,
    incarnation: `dead-${entryId}`,
    alone: true,
    charged: true,
    startedAtMs: 1_790_000_000_000,
    ...more,
  });

  test("each lost delivery is noted once, and only crashes are charged", async () => {
    const { id, dispatched } = await start(planOf([{}]));
    const task = dispatched[0]!;
    const once = [crash(task, "1-0"), crash(task, "1-1", { charged: false }), crash(task, "1-2", { alone: false })];
    const crashes = [...once, ...once]; // two coordinators may tell of one crash
    await hive.store.recordBatch({ crashes }, {});
    await hive.store.recordBatch({ crashes }, {});
    const { rows } = await hive.pool.query("select crashes, crashes_alone from task where workflow_id = $1", [id]);
    expect(rows).toEqual([{ crashes: 2, crashes_alone: 1 }]);
    expect(await hive.history(id)).toEqual(["t0@1 crashed", "t0@1 crashed", "t0@1 frozen"]);
    const [again] = await stillDispatched(hive.store, [task]);
    expect(again).toMatchObject({ crashes: 2, crashesAlone: 1 });
  });

  test("the third crash alone makes a dead letter and fails the workflow", async () => {
    const { id, dispatched } = await start(planOf([{}, {}]));
    const task = dispatched[0]!;
    await hive.store.recordBatch({ crashes: [crash(task, "1-0"), crash(task, "1-1")] }, {});
    expect(await hive.states(id)).toBe("t0:dispatched t1:dispatched");
    const recorded = await hive.store.recordBatch({ crashes: [crash(task, "1-2")] }, {});
    expect(recorded.finished).toEqual([{ id, state: "failed" }]);
    expect(recorded.changes.map(({ taskId, state }) => `${taskId} ${state}`)).toEqual(["t0 dead", "t1 cancelled"]);
    const { rows } = await hive.pool.query("select reason, stream, entry_id from dead_letter");
    expect(rows).toEqual([{ reason: "POISON", stream: "agent_messages:a", entry_id: "1-2" }]);
  });

  test("a crash and the result of the delivery after it in one batch: noted, then succeeded", async () => {
    const { id, dispatched } = await start(planOf([{}]));
    const batch = { crashes: [crash(dispatched[0]!, "1-0")], results: [resultFor(dispatched[0]!)] };
    expect((await hive.store.recordBatch(batch, {})).verdicts).toEqual(["applied"]);
    expect((await hive.store.recordBatch(batch, {})).verdicts).toEqual(["duplicate"]);
    expect(await hive.history(id)).toEqual(["t0@1 succeeded", "t0@1 crashed"]);
  });
});

describe("checkpoints", () => {
  test("the newest of the running attempt is kept and given to the next attempt", async () => {
    const { dispatched } = await start(planOf([{}]));
    const task = dispatched[0]!;
    const checkpoint = (sequence: number, attempt = task.attempt) => ({
      ...task,
      attempt,
      sequence,
      data: `{"at":${sequence}}`,
    });
    await hive.store.recordBatch({ checkpoints: [checkpoint(1), checkpoint(3), checkpoint(2)] }, {});
    await hive.store.recordBatch({ checkpoints: [checkpoint(2), checkpoint(9, 7)] }, {});
    await hive.store.recordBatch({ checkpoints: [checkpoint(4)], results: [resultFor(task, failure())] }, {});
    await hive.store.releaseDue();
    const [next] = await hive.store.fillWindows(PLENTY);
    expect(next).toMatchObject({ attempt: 2, checkpoint: '{"at":4}' });
    await hive.store.recordBatch({ checkpoints: [checkpoint(9)] }, {});
    await hive.store.recordBatch({ checkpoints: [checkpoint(1, 2)] }, {});
    const [described] = await stillDispatched(hive.store, [next!]);
    expect(described!.checkpoint).toBe('{"at":1}');
  });
});

describe("dead letters", () => {
  const letter = (entryId: string, task: TaskAttempt | null): DeadLetterRow => ({
    reason: "NO_TAKER",
    message: "nobody takes it",
    stream: "workflow:dispatch",
    entryId,
    incarnation: "router-1",
    agentId: "router",
    fields: { m: "{", odd: "\0" },
    task,
  });

  test("an entry is kept once; the task that it names is set aside if its attempt is current", async () => {
    const { id, dispatched } = await start(planOf([{}, {}]));
    const deadLetters = [letter("1-0", null), letter("1-1", dispatched[0]!)];
    const recorded = await hive.store.recordBatch({ deadLetters }, {});
    expect(recorded.finished).toEqual([{ id, state: "failed" }]);
    expect(recorded.settled.map(({ position }) => position)).toEqual([0, 1]);
    const again = await hive.store.recordBatch({ deadLetters }, {});
    expect(again).toMatchObject({ changes: [], finished: [] });
    expect(await hive.states(id)).toBe("t0:dead t1:cancelled");
    const { rows } = await hive.pool.query(
      "select entry_id, workflow_id, position, fields from dead_letter order by entry_id",
    );
    expect(rows).toEqual([
      { entry_id: "1-0", workflow_id: null, position: null, fields: JSON.stringify({ m: "{", odd: "\0" }) },
      { entry_id: "1-1", workflow_id: id, position: 0, fields: JSON.stringify({ m: "{", odd: "\0" }) },
    ]);
  });

  test("an entry of an attempt that is over leaves its task alone", async () => {
    const { id, dispatched } = await start(planOf([{}]));
    const stale = { ...dispatched[0]!, attempt: 9 };
    await hive.store.recordBatch(
      { deadLetters: [letter("2-0", stale), letter("2-1", { ...stale, workflowId: "odd" })] },
      {},
    );
    expect(await hive.states(id)).toBe("t0:dispatched");
    expect((await hive.store.statistics()).deadLetters).toBe(2);
  });
});

describe("the loss of Redis", () => {
  test("one engine wins the new epoch", async () => {
    const { epoch } = await hive.epochs.read();
    const won = await Promise.all(Array.from({ length: 5 }, () => hive.epochs.advance(epoch)));
    expect(won.filter((next) => next !== null)).toEqual([epoch + 1n]);
    expect(await hive.epochs.read()).toEqual({ epoch: epoch + 1n, isWritten: false });
  });

  test("an epoch is confirmed once Redis carries it; one that is over is not", async () => {
    const { epoch: over } = await hive.epochs.read();
    const epoch = (await hive.epochs.advance(over))!;
    await hive.epochs.confirm(over);
    expect(await hive.epochs.read()).toEqual({ epoch, isWritten: false });
    await hive.epochs.confirm(epoch);
    expect(await hive.epochs.read()).toEqual({ epoch, isWritten: true });
  });

  test("what was dispatched before gets its next attempt, uncharged, page by page; the old one is fenced (I3)", async () => {
    const { id, dispatched } = await start(planOf([{}, {}, {}]));
    await hive.epochs.advance((await hive.epochs.read()).epoch);
    const first = await hive.store.redispatchLost(null, 2);
    expect(names(first.tasks)).toEqual(["t0@2", "t1@2"]);
    const second = await hive.store.redispatchLost(first.next, 2);
    expect([names(second.tasks), second.next]).toEqual([["t2@2"], null]);
    expect(await hive.store.redispatchLost(null, 10)).toEqual({ tasks: [], next: null });
    expect((await hive.store.recordBatch({ results: [resultFor(dispatched[0]!)] }, {})).verdicts).toEqual(["fenced"]);
    expect(await hive.history(id)).toEqual(["t0@1 lost", "t0@1 fenced", "t1@1 lost", "t2@1 lost"]);
    const { rows } = await hive.pool.query("select distinct charged from task where workflow_id = $1", [id]);
    expect(rows).toEqual([{ charged: 0 }]);
  });

  test("the sweeper sees what has been dispatched for a while, in pages, and how tasks stand", async () => {
    const { id } = await start(planOf([{}, {}, {}]));
    expect((await hive.store.dispatchedPage(null, 10, 60_000)).tasks).toEqual([]);
    const first = await hive.store.dispatchedPage(null, 2, 0);
    expect([names(await stillDispatched(hive.store, first.tasks)), first.next]).toEqual([
      ["t0@1", "t1@1"],
      { workflowId: id, position: 1 },
    ]);
    const second = await hive.store.dispatchedPage(first.next, 2, 0);
    expect([names(await stillDispatched(hive.store, second.tasks)), second.next]).toEqual([["t2@1"], null]);
    const states = await hive.store.statesOf([`${id}:0`, `${id}:9`, "no key"]);
    expect([...states]).toEqual([[`${id}:0`, { state: "dispatched", attempt: 1 }]]);
  });
});
