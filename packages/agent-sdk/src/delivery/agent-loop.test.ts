import { silentLogger } from "@agent-hive/telemetry";
import { AttemptRunner } from "../attempts/attempt-runner.js";
import { OutputEncoder } from "../attempts/output-encoder.js";
import { TerminalError, TransientError } from "@agent-hive/domain";
import { HandlerRegistry } from "../handler-registry.js";
import type { Task, TaskContext } from "../task.js";
import { FakeTaskStream } from "../test-fixtures/fake-task-stream.js";
import { streamEntry } from "../test-fixtures/entries.js";
import { AgentLoop } from "./agent-loop.js";

type Execute = (task: Task, context: TaskContext) => unknown;

function setup(handlers: Record<string, Execute> = {}, slots = 4) {
  const stream = new FakeTaskStream();
  const registry = new HandlerRegistry();
  for (const [name, execute] of Object.entries({ noop: () => undefined, ...handlers })) registry.add(name, { execute });
  const released: string[] = [];
  const services = {
    logger: silentLogger,
    outputOf: async () => undefined,
    progress: () => undefined,
    saveCheckpoint: async () => undefined,
    refused: () => undefined,
  };
  const artifacts = { putArtifact: async (bytes: Buffer) => ({ sha256: "a".repeat(64), bytes: bytes.byteLength }) };
  const refused: string[] = [];
  const runner = new AttemptRunner(registry, new OutputEncoder(artifacts), services, silentLogger);
  const loop = new AgentLoop({
    slots,
    handlers: registry,
    runner,
    stream,
    reporter: () => ({ incarnation: "life-1", agentId: "agent-1" }),
    observer: {
      starting: () => undefined,
      completed: () => undefined,
      refused: ({ delivery: { payload } }) => void refused.push(payload.taskId),
      released: (ids) => void released.push(...ids),
      handedBack: () => undefined,
      roomMade: () => undefined,
    },
    logger: silentLogger,
  });
  return { stream, loop, runner, released, refused };
}

/** A handler that runs until a test lets it go. */
function gate() {
  let open!: (value?: unknown) => void;
  const opened = new Promise((resolve) => (open = resolve));
  let enter!: (context: TaskContext) => void;
  const entered = new Promise<TaskContext>((resolve) => (enter = resolve));
  const execute: Execute = (_, context) => {
    enter(context);
    return opened;
  };
  return { execute, entered, open };
}

test("what ends in one turn of the event loop is completed in one call", async () => {
  const { stream, loop } = setup({}, 100);
  loop.take(Array.from({ length: 100 }, (_, position) => streamEntry({ taskId: `t${position}`, position })));
  await loop.idle();
  expect(stream.completions.map((batch) => batch.length)).toEqual([100]);
  expect(loop.counters).toEqual({ completed: 100, lost: 0, deadLettered: 0 });
});

test.each<[string, Execute, object]>([
  ["an output", () => ({ score: 1 }), { status: "succeeded", output: { score: 1 } }],
  ["no output", () => undefined, { status: "succeeded" }],
  ["a large output", () => "x".repeat(70_000), { status: "succeeded", artifact: { bytes: 70_002 } }],
  [
    "a too large output",
    () => "x".repeat(17 * 2 ** 20),
    { status: "failed", retryable: false, error: { code: "OUTPUT_TOO_LARGE" } },
  ],
  ["a function", () => () => 1, { status: "failed", retryable: false, error: { code: "OUTPUT_NOT_JSON" } }],
  ["a terminal error", () => Promise.reject(new TerminalError("BAD", "no")), { status: "failed", retryable: false }],
  [
    "a transient error",
    () => Promise.reject(new TransientError("BUSY", "later", { retryAfterMs: 5 })),
    { retryable: true, retryAfterMs: 5 },
  ],
  [
    "a defect",
    () => {
      throw new RangeError("off");
    },
    { status: "failed", retryable: true, error: { code: "RangeError", stack: expect.any(String) } },
  ],
  ["nothing at all, within its time", () => new Promise(() => undefined), { status: "timed-out", timeoutMs: 1500 }],
])("a handler that gives %s ends its attempt as that", async (_, execute, outcome) => {
  const { stream, loop } = setup({ act: execute });
  loop.take([streamEntry({ handler: "act", taskId: "it", timeoutMs: 1500 })]);
  await loop.idle();
  expect(stream.outcomes().it).toMatchObject(outcome);
});

test("a handler that blocks the event loop past its deadline has timed out, whatever it returns", async () => {
  const block: Execute = () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 40);
    return "late";
  };
  const { stream, loop } = setup({ block });
  loop.take([streamEntry({ handler: "block", taskId: "it", timeoutMs: 10 })]);
  await loop.idle();
  expect(stream.outcomes().it).toEqual({ status: "timed-out", timeoutMs: 10 });
});

test("at the deadline the signal is aborted with a TimeoutError; a handler that ignores it frees its slot and is counted", async () => {
  const { execute, entered, open } = gate();
  const { stream, loop, runner } = setup({ stubborn: execute }, 1);
  loop.take([streamEntry({ handler: "stubborn", taskId: "it", timeoutMs: 20 })]);
  const { signal } = await entered;
  await loop.idle();
  expect((signal.reason as Error).name).toBe("TimeoutError");
  expect({ strays: runner.strays, capacity: loop.capacity }).toEqual({ strays: 1, capacity: 1 });
  open("too late");
  await new Promise(setImmediate);
  expect(runner.strays).toBe(0);
  expect(stream.completions.flat()).toHaveLength(1);
});

test("an entry that cannot be parsed becomes a dead letter, and the others run", async () => {
  const { stream, loop, released } = setup();
  loop.take([{ id: "1-1", fields: { v: "1", t: "task", m: "{" } }, streamEntry({ taskId: "fine" })]);
  await loop.idle();
  expect(stream.letters).toMatchObject([{ entryId: "1-1", payload: { reason: "UNPARSEABLE", fields: { m: "{" } } }]);
  expect(stream.outcomes()).toHaveProperty("fine");
  expect(released).toContain("1-1");
});

test("a task for a handler that does not exist becomes a dead letter that names handler, agent and the nearest", async () => {
  const { stream, loop } = setup({ system_design: () => 1 });
  loop.take([streamEntry({ handler: "system_desing" })]);
  await loop.idle();
  expect(stream.letters[0]?.payload).toMatchObject({
    reason: "HANDLER_MISSING",
    message:
      'Agents of type "backend" have no handler "system_desing". Did you mean "system_design"? Known handlers: "noop", "system_design".',
  });
});

test("marks of earlier deliveries that cannot be read do not keep a task from running", async () => {
  const seen: unknown[] = [];
  const { stream, loop } = setup({ act: ({ checkpoint }) => void seen.push(checkpoint) });
  stream.onBegin = () => ({
    status: "begun",
    crashes: 0,
    crashesAlone: 0,
    checkpoint: { attempt: 1, sequence: 1, data: "{" },
  });
  loop.take([streamEntry({ handler: "act", taskId: "it", checkpoint: { at: 5 } })]);
  await loop.idle();
  expect(stream.outcomes().it).toMatchObject({ status: "succeeded" });
  expect(seen).toEqual([{ at: 5 }]);
});

test("stale and lost deliveries are not run, and let go", async () => {
  const ran: string[] = [];
  const { stream, loop, released } = setup({ act: ({ taskId }) => void ran.push(taskId) });
  stream.onBegin = ({ payload }) => ({ status: payload.taskId as "stale" | "lost" });
  loop.take([streamEntry({ handler: "act", taskId: "stale" }), streamEntry({ handler: "act", taskId: "lost" })]);
  await loop.idle();
  expect({ ran, released: released.length, lost: loop.counters.lost }).toEqual({ ran: [], released: 2, lost: 1 });
});

test("a result whose entry belongs to another is dropped and counted", async () => {
  const { stream, loop } = setup();
  stream.onComplete = () => "lost";
  loop.take([streamEntry()]);
  await loop.idle();
  expect(loop.counters).toMatchObject({ completed: 0, lost: 1 });
});

test("while Redis does not answer, results are kept and sent until it does", async () => {
  const { stream, loop } = setup();
  stream.failures = [new Error("begin fails"), new Error("begin fails again")];
  loop.take([streamEntry({ taskId: "it" })]);
  await loop.idle();
  stream.failures = [new Error("completing fails"), new Error("completing fails again")];
  loop.take([streamEntry({ taskId: "other" })]);
  await loop.idle();
  expect(Object.keys(stream.outcomes())).toEqual(["it", "other"]);
});

test("a suspect waits until nothing runs, and nothing starts beside it", async () => {
  const first = gate();
  const suspect = gate();
  const { stream, loop } = setup({ first: first.execute, suspect: suspect.execute });
  loop.take([streamEntry({ handler: "first", taskId: "first" })]);
  await first.entered;
  loop.take([streamEntry({ handler: "suspect", taskId: "suspect", crashes: 1 }), streamEntry({ taskId: "later" })]);
  await new Promise(setImmediate);
  expect({ begun: stream.begun, capacity: loop.capacity }).toEqual({
    begun: [{ tasks: ["first"], alone: false }],
    capacity: 0,
  });
  first.open();
  await suspect.entered;
  await new Promise(setImmediate);
  expect({ begun: stream.begun.at(-1), running: loop.running, capacity: loop.capacity }).toEqual({
    begun: { tasks: ["suspect"], alone: true },
    running: 1,
    capacity: 0,
  });
  suspect.open();
  await loop.idle();
  expect(stream.begun.at(-1)).toEqual({ tasks: ["later"], alone: false });
  expect(Object.keys(stream.outcomes())).toEqual(["first", "suspect", "later"]);
});

test("once a suspect has run with nothing behind it, the process takes entries again", async () => {
  const { loop } = setup();
  loop.take([streamEntry({ taskId: "suspect", crashes: 1 })]);
  await loop.idle();
  expect(loop.capacity).toBe(4);
});

test("a crash that only Redis knows of makes a suspect too: it is begun again alone", async () => {
  const { stream, loop } = setup();
  stream.onBegin = () => ({ status: "begun", crashes: 1, crashesAlone: 0 });
  loop.take([streamEntry({ taskId: "it" })]);
  await loop.idle();
  expect(stream.begun).toEqual([
    { tasks: ["it"], alone: false },
    { tasks: ["it"], alone: true },
  ]);
});

test("beside a handler that was left running, a suspect is not said to be alone", async () => {
  const { stream, loop } = setup({ stubborn: () => new Promise(() => undefined) });
  loop.take([streamEntry({ handler: "stubborn", timeoutMs: 5 })]);
  await loop.idle();
  loop.take([streamEntry({ taskId: "suspect", crashes: 1 })]);
  await loop.idle();
  expect(stream.begun.at(-1)).toEqual({ tasks: ["suspect"], alone: false });
});

test("after three crashes alone a task is a dead letter and does not run", async () => {
  const { stream, loop } = setup();
  stream.onBegin = () => ({ status: "begun", crashes: 4, crashesAlone: 3 });
  loop.take([streamEntry({ taskId: "it", crashes: 4, crashesAlone: 2 })]);
  await loop.idle();
  expect(stream.letters[0]?.payload).toMatchObject({ reason: "POISON", message: expect.stringContaining("3 times") });
  expect(stream.completions).toEqual([]);
});

test("a cancellation interrupts what runs, keeps what comes later from starting, and acknowledges both", async () => {
  const { execute, entered } = gate();
  const { stream, loop } = setup({ long: execute });
  const workflowId = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";
  loop.take([streamEntry({ handler: "long", taskId: "running", workflowId })]);
  const { signal } = await entered;
  loop.cancel(workflowId);
  loop.take([streamEntry({ taskId: "late", workflowId, position: 1 }), streamEntry({ taskId: "unconcerned" })]);
  await loop.idle();
  expect(signal.reason).toMatchObject({ code: "CANCELLED" });
  expect(stream.begun.map(({ tasks }) => tasks)).toEqual([["running"], ["unconcerned"]]);
  expect(stream.outcomes()).toMatchObject({
    running: { status: "failed", error: { code: "CANCELLED" } },
    late: { status: "failed", error: { code: "CANCELLED" } },
    unconcerned: { status: "succeeded" },
  });
});

test("what is renounced is interrupted and never reported, and the next life works", async () => {
  const { execute, entered, open } = gate();
  const { stream, loop } = setup({ long: execute });
  loop.take([streamEntry({ handler: "long", taskId: "old" })]);
  const { signal } = await entered;
  loop.renounce("declared dead");
  open("late");
  loop.take([streamEntry({ taskId: "new" })]);
  await loop.idle();
  expect(signal.reason).toMatchObject({ code: "LEASE_LOST", message: expect.stringContaining("declared dead") });
  expect(Object.keys(stream.outcomes())).toEqual(["new"]);
});

test("results that wait for Redis are renounced too", async () => {
  const { stream, loop } = setup();
  stream.onBegin = (delivery) => {
    stream.failures = Array.from({ length: 1000 }, () => new Error(`no answer for ${delivery.payload.taskId}`));
    return { status: "begun", crashes: 0, crashesAlone: 0 };
  };
  loop.take([streamEntry({ taskId: "old" })]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  loop.renounce("Redis lost its data");
  stream.failures = [];
  stream.onBegin = () => ({ status: "begun", crashes: 0, crashesAlone: 0 });
  loop.take([streamEntry({ taskId: "new" })]);
  await loop.idle();
  expect(Object.keys(stream.outcomes())).toEqual(["new"]);
  expect(loop.counters.lost).toBe(1);
});

test("a result that had not been sent yet when everything was renounced is told as refused", async () => {
  const { stream, loop, refused } = setup({ quick: () => "late" });
  loop.take([streamEntry({ handler: "quick", taskId: "old" })]);
  while (loop.running === 0) await Promise.resolve();
  while (loop.running > 0) await Promise.resolve(); // it has ended, and is sent at the end of this turn
  loop.renounce("declared dead");
  await new Promise((resolve) => setImmediate(resolve));
  expect([refused, stream.completions, loop.counters.lost]).toEqual([["old"], [], 1]);
});

test("a quiet loop begins nothing, asks for nothing, and is idle once what runs has ended", async () => {
  const { execute, entered, open } = gate();
  const { stream, loop } = setup({ long: execute });
  loop.take([streamEntry({ handler: "long", taskId: "running" })]);
  await entered;
  loop.quiet();
  loop.take([streamEntry({ taskId: "waiting" })]);
  open();
  await loop.idle();
  expect(loop.capacity).toBe(0);
  expect(stream.begun.map(({ tasks }) => tasks)).toEqual([["running"]]);
});

test("capacity is what is free of the slots", async () => {
  const { execute, entered, open } = gate();
  const { loop } = setup({ long: execute }, 3);
  expect(loop.capacity).toBe(3);
  loop.take([streamEntry({ handler: "long" })]);
  expect(loop.capacity).toBe(2);
  await entered;
  expect(loop.capacity).toBe(2);
  open();
  await loop.idle();
  expect(loop.capacity).toBe(3);
});

test("every result is in the trace of its task, as a span of its own", async () => {
  const { stream, loop } = setup();
  const entry = streamEntry();
  loop.take([entry]);
  await loop.idle();
  const { traceparent } = stream.completions[0]![0]!;
  expect(traceparent.slice(0, 35)).toBe(entry.fields.tp!.slice(0, 35));
  expect(traceparent).not.toBe(entry.fields.tp);
});
