import {
  parseTaskItem,
  parseTasksEntry,
  taskKeyOf,
  type Outcome,
  type TaskEntry,
  type WorkflowDefinitionInput,
} from "@agent-hive/contracts";
import { eventually } from "@agent-hive/testing";
import { startHive, type TestHive } from "../test-fixtures/hive.js";
import { resultEnvelope, type FakeHandler } from "../test-fixtures/fake-agents.js";

const isAbout = (message: unknown, workflowId: string): boolean =>
  (message as { workflowId?: string }).workflowId === workflowId;

const task = (id: string, dependsOn: string[] = [], more: object = {}) => ({
  id,
  agentType: "backend",
  dependsOn,
  ...more,
});
const diamond: WorkflowDefinitionInput = {
  name: "diamond",
  tasks: [task("fetch"), task("left", ["fetch"]), task("right", ["fetch"]), task("join", ["left", "right"])],
};

/** Handlers by task id; others echo. */
const handlers =
  (byId: Record<string, FakeHandler>): FakeHandler =>
  (each) =>
    (byId[each.taskId] ?? (() => ({ status: "succeeded" as const, output: each.input ?? null })))(each);

describe("with agents that succeed", () => {
  let hive: TestHive;
  beforeAll(async () => {
    hive = await startHive();
  });
  afterAll(() => hive.stop());

  test("a diamond runs to its end, each task once and after what it depends on", async () => {
    const id = await hive.submit(diamond);
    expect(await hive.finished(id)).toMatchObject({ state: "succeeded", tasks: { total: 4, succeeded: 4, live: 0 } });
    const attempts = await hive.attempts(id);
    expect(attempts.map(({ taskId, attempt, outcome }) => `${taskId} ${attempt} ${outcome}`).toSorted()).toEqual([
      "fetch 1 succeeded",
      "join 1 succeeded",
      "left 1 succeeded",
      "right 1 succeeded",
    ]);
    expect(attempts.at(0)!.taskId).toBe("fetch");
    expect(attempts.at(-1)!.taskId).toBe("join");
  });

  test("a fan-out far beyond the window finishes, and leaves nothing behind in Redis", async () => {
    const wide = Array.from({ length: 500 }, (_, i) => task(`wide-${i}`, ["start"]));
    const id = await hive.submit({
      name: "wide",
      tasks: [
        task("start"),
        ...wide,
        task(
          "end",
          wide.map((each) => each.id),
        ),
      ],
    });
    expect(await hive.finished(id)).toMatchObject({ state: "succeeded", tasks: { succeeded: 502 } });
    const { keys, redis } = hive;
    await eventually(
      () => redis.hlen(keys.inFlight("backend")),
      (count) => count === 0,
    );
    expect(await Promise.all([redis.xlen(keys.dispatch), redis.xlen(keys.results)])).toEqual([0, 0]);
  });

  test("tasks of all types, by any of their names, and in phases", async () => {
    const phases = {
      architecture_phase: ["system_design", "database_design"],
      development_phase: { backend: ["api_development"], FRONTEND_DEVELOPERS: ["ui_components"] },
      qa_phase: ["api_tests"],
    };
    const id = await hive.submit({ name: "phases", phases });
    expect(await hive.finished(id)).toMatchObject({ state: "succeeded", tasks: { total: 5, succeeded: 5 } });
    const tasks = await hive.tasks(id);
    expect(tasks.map((each) => each.agentType)).toEqual(["architects", "architects", "backend", "frontend", "qa"]);
    expect(tasks[4]!.dependsOn).toEqual(["api_development", "ui_components"]);
  });

  test("many workflows at once all finish", async () => {
    const batch = Array.from({ length: 100 }, () => diamond);
    const response = await hive.request("/v1/workflows", { json: batch });
    const { workflows } = (await response.json()) as { workflows: { id: string }[] };
    expect(workflows).toHaveLength(100);
    const ended = await Promise.all(workflows.map(({ id }) => hive.finished(id)));
    expect(ended.map((workflow) => workflow.state)).toEqual(Array(100).fill("succeeded"));
  });

  test("every message is in the trace of the request", async () => {
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const response = await hive.request("/v1/workflows", { json: diamond, headers: { traceparent } });
    const { id } = (await response.json()) as { id: string };
    expect((await hive.finished(id)).traceparent).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-(?!00f067aa0ba902b7)/);
  });

  test("what is no result becomes a dead letter, and holds up nothing", async () => {
    const { redis, keys } = hive;
    const bad = [
      ["v", "1", "t", "results", "m", "no json"],
      ["v", "9"],
      ["v", "1", "t", "results", "m", '[{"k":"nonsense"}]'],
    ];
    for (const fields of bad) await redis.xadd(keys.results, "*", ...fields);
    const letters = await eventually(
      () => hive.deadLetters(),
      (seen) => seen.length === 3,
    );
    expect(letters.map((letter) => letter.reason)).toEqual(["UNPARSEABLE", "UNPARSEABLE", "UNPARSEABLE"]);
    expect(letters.some((letter) => letter.fields.m === "no json")).toBe(true);
    expect(await hive.finished(await hive.submit(diamond))).toMatchObject({ state: "succeeded" });
    expect(await redis.xlen(keys.results)).toBe(0);
  });
});

describe("with agents that fail", () => {
  let hive: TestHive;
  let calls: number[];
  const fails = (retryable: boolean): Outcome => ({
    status: "failed",
    error: { code: "BROKEN", message: "it broke" },
    retryable,
  });
  beforeAll(async () => {
    const handle = handlers({
      flaky: (each) => {
        calls.push(each.attempt);
        return each.attempt < 3 ? fails(true) : { status: "succeeded", output: "at last" };
      },
      broken: () => fails(false),
      slow: (each) => ({ status: "timed-out", timeoutMs: each.timeoutMs }),
      silent: () => undefined,
    });
    hive = await startHive({ handle });
  });
  beforeEach(() => (calls = []));
  afterAll(() => hive.stop());

  test("a failure that may pass is tried again after its delay", async () => {
    const retry = { maxAttempts: 3, initialDelayMs: 20, factor: 1, maxDelayMs: 20 };
    const id = await hive.submit({ name: "flaky", tasks: [task("flaky", [], { retry })] });
    expect(await hive.finished(id)).toMatchObject({ state: "succeeded" });
    expect(calls).toEqual([1, 2, 3]);
    expect((await hive.attempts(id)).map((attempt) => attempt.outcome)).toEqual(["failed", "failed", "succeeded"]);
    expect(await (await hive.request(`/v1/workflows/${id}/tasks/flaky/output`)).json()).toBe("at last");
  });

  test("a failure for good fails the workflow and cancels what waits for it", async () => {
    const id = await hive.submit({ name: "broken", tasks: [task("broken"), task("after", ["broken"])] });
    const workflow = await hive.finished(id);
    expect(workflow).toMatchObject({ state: "failed", failure: { taskId: "broken", error: { code: "BROKEN" } } });
    expect((await hive.tasks(id)).map((each) => each.state)).toEqual(["failed", "cancelled"]);
    expect((await hive.request(`/v1/workflows/${id}/tasks/after/output`)).status).toBe(409);
  });

  test("timeouts count as failures", async () => {
    const id = await hive.submit({
      name: "slow",
      tasks: [task("slow", [], { timeoutMs: 50, retry: { maxAttempts: 1 } })],
    });
    expect(await hive.finished(id)).toMatchObject({ state: "failed", failure: { error: { code: "TIMED_OUT" } } });
  });

  test("cancelling ends the workflow at once, empties the index and fences late results", async () => {
    const id = await hive.submit({ name: "silent", tasks: [task("silent"), task("next", ["silent"])] });
    const { redis, keys } = hive;
    await eventually(
      () => redis.hget(keys.inFlight("backend"), taskKeyOf(id, 0)),
      (value) => value === "1",
    );
    expect((await hive.request(`/v1/workflows/${id}/cancel`, { method: "POST" })).status).toBe(200);
    expect(await hive.finished(id)).toMatchObject({ state: "cancelled", tasks: { cancelled: 2 } });
    expect(await redis.hget(keys.inFlight("backend"), taskKeyOf(id, 0))).toBeNull();
    await sendResult(hive, id, 1);
    await eventually(
      () => redis.xlen(keys.results),
      (length) => length === 0,
    );
    expect((await hive.tasks(id))[0]).toMatchObject({ state: "cancelled" });
    const told = async (): Promise<unknown[]> => {
      const control = await redis.xrange(keys.control, "-", "+");
      return control.map(([, fields]): unknown => JSON.parse(fields[1]!)).filter((message) => isAbout(message, id));
    };
    const first = { type: "cancel", workflowId: id, taskKeys: [taskKeyOf(id, 0)] };
    expect(await told()).toEqual([first]);
    // The client that asks again may have had no answer, because an engine died before it had told anyone.
    expect((await hive.request(`/v1/workflows/${id}/cancel`, { method: "POST" })).status).toBe(200);
    expect(await told()).toEqual([first, { type: "cancel", workflowId: id }]);
  });

  test("a second result of the same attempt and one of an attempt that was never granted change nothing", async () => {
    const id = await hive.submit({ name: "silent", tasks: [task("silent")] });
    await sendResult(hive, id, 7, "from the future");
    await sendResult(hive, id, 1, "first");
    expect(await hive.finished(id)).toMatchObject({ state: "succeeded", tasks: { succeeded: 1 } });
    await sendResult(hive, id, 1, "second");
    await eventually(
      () => hive.redis.xlen(hive.keys.results),
      (length) => length === 0,
    );
    expect(await (await hive.request(`/v1/workflows/${id}/tasks/silent/output`)).json()).toBe("first");
    const applied = (await hive.attempts(id)).filter((attempt) => attempt.outcome === "succeeded");
    expect(applied).toHaveLength(1);
  });
});

test("messages carry the workflow's trace, a span of their own, and what the handler needs", async () => {
  const hive = await startHive({ handle: null });
  try {
    const id = await hive.submit({
      name: "one",
      input: { w: 1 },
      tasks: [task("only", [], { input: [1], requires: ["gpu"] })],
    });
    const [entry] = await eventually(
      () => hive.redis.xrange(hive.keys.dispatch, "-", "+"),
      (entries) => entries.length === 1,
    );
    const fields = Object.fromEntries(entry![1].flatMap((name, i, all) => (i % 2 === 0 ? [[name, all[i + 1]!]] : [])));
    const items = parseTasksEntry(fields);
    const parsed = items.ok ? items.value.map(parseTaskItem) : [];
    expect(parsed).toMatchObject([
      { ok: true, value: { taskKey: taskKeyOf(id, 0), attempt: 1, capabilities: ["only", "gpu"] } },
    ]);
    const { traceparent, payload } = (parsed[0] as { value: TaskEntry }).value;
    const root = (await hive.workflow(id)).traceparent;
    expect(traceparent).toBe(root); // nothing is traced here, and so no message needs a span id
    expect(JSON.parse(payload)).toMatchObject({
      workflowInput: { w: 1 },
      input: [1],
      taskId: "only",
      workflowName: "one",
    });
  } finally {
    await hive.stop();
  }
});

/** Adds a result as if an agent that nobody holds back had sent it. */
async function sendResult(hive: TestHive, workflowId: string, attempt: number, output: unknown = null): Promise<void> {
  const about = { workflowId, taskId: "silent", position: 0, attempt };
  const by = { incarnation: "zombie", agentId: "zombie", agentType: "backend" };
  const run = { entryId: "1-1", startedAtMs: Date.now() };
  await hive.addResults(by, resultEnvelope(about, { status: "succeeded", output }, run));
}
