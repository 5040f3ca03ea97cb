import { measure } from "./measure.js";
import type { RunRecords } from "./records.js";
import { soundRun, START_MS } from "./test-fixtures/sound-run.js";
import { taskRun, type TaskRun } from "./test-fixtures/task-run.js";

const WORKFLOW = "01990000-0000-7000-8000-000000000000";

/** One workflow, tasks as told, in a window of two seconds. */
function runOf(tasks: TaskRun[], more: Partial<RunRecords> = {}): RunRecords {
  const empty = soundRun({ seed: 1, workflows: 0, tasks: 1 });
  const rows = tasks.map((task, position) => taskRun(WORKFLOW, position, task));
  const finishedAtMs = Math.max(...rows.map(({ task }) => task.finishedAtMs ?? 0));
  return {
    ...empty,
    window: { fromMs: START_MS, toMs: START_MS + 2_000 },
    workflows: [
      {
        id: WORKFLOW,
        name: "one",
        state: "succeeded",
        createdAtMs: START_MS,
        finishedAtMs,
        total: rows.length,
        succeeded: rows.length,
        failed: 0,
        cancelled: 0,
        dead: 0,
        traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      },
    ],
    tasks: rows.map(({ task }) => task),
    attempts: rows.flatMap(({ attempts }) => attempts),
    ...more,
  };
}
const measured = (records: RunRecords) => measure(records, []);

test("a task costs three messages, counted where it passes", () => {
  const { throughput } = measured(
    runOf([{ agentType: "backend" }, { agentType: "backend" }, { agentType: "architects" }]),
  );
  expect(throughput.streams).toEqual([
    { stream: "workflow:dispatch", messages: 3, perSecond: 1.5 },
    { stream: "agent_messages:architects", messages: 1, perSecond: 0.5 },
    { stream: "agent_messages:backend", messages: 2, perSecond: 1 },
    { stream: "workflow:results", messages: 3, perSecond: 1.5 },
  ]);
  expect(throughput).toMatchObject({ messagesPerSecond: 4.5, tasksPerSecond: 1.5, workflowsPerSecond: 0.5 });
});

test("deliveries are counted by what a group has read, unless its stream was made anew meanwhile", () => {
  const records = runOf([{ agentType: "backend" }]);
  const deliveries = (readBefore: number, readAfter: number) => {
    const groups = records.groups.map((group) => ({ ...group, readBefore, readAfter }));
    const { streams } = measured({ ...records, groups }).throughput;
    return streams.find(({ stream }) => stream === "agent_messages:backend")?.messages;
  };
  expect(deliveries(10, 17)).toBe(7);
  expect(deliveries(10, 2)).toBe(1);
});

test("what was recorded outside of the window does not count for its rates", () => {
  const records = runOf([{ agentType: "backend" }]);
  const later = { fromMs: START_MS + 1_000, toMs: START_MS + 2_000 };
  expect(measured({ ...records, window: later }).throughput).toMatchObject({ messagesPerSecond: 0, tasksPerSecond: 0 });
});

test("a window without length has no rates", () => {
  const records = { ...runOf([{}]), window: { fromMs: START_MS, toMs: START_MS } };
  expect(measured(records).throughput).toMatchObject({ messagesPerSecond: 0, series: [] });
});

test("queueing is from ready to the first start, running is what the agent's monotonic clock says", () => {
  const { queueingMs, runningMs, concurrency } = measured(
    runOf([
      { dispatchedMs: 2, startedMs: 12, runMs: 30 },
      { dispatchedMs: 2, startedMs: 22, runMs: 50 },
    ]),
  );
  expect(queueingMs).toMatchObject({ count: 2, min: 12, max: 22 });
  expect(runningMs).toMatchObject({ count: 2, p50: 30, max: 50 });
  expect(concurrency).toEqual({ mostRunning: 2, mostWorkflows: 1 });
});

test("a struck process whose result was on its way had nothing to recover", () => {
  const records = runOf([{ incarnation: "struck" }]);
  const act = { kind: "crash", agentId: "a", incarnation: "struck", agentType: "backend", group: "g" } as const;
  const held = [{ workflowId: WORKFLOW, taskId: "t0", attempt: 1 }];
  const { recoveries } = measured({ ...records, acts: [{ ...act, atMs: START_MS + 15, held }] });
  expect(recoveries).toEqual([]);
});

test("a late result counts as refused also when its process tells of it as the incarnation that it woke as", () => {
  const records = runOf([
    { incarnation: "healthy", startedMs: 300, crashedIn: { incarnation: "struck", startedMs: 100 } },
  ]);
  const act = { kind: "freeze", agentId: "a", incarnation: "struck", agentType: "backend", group: "g" } as const;
  const told = { type: "task.fenced", workflowId: WORKFLOW, taskId: "t0", attempt: 1, incarnation: "woken" } as const;
  const at = (ms: number) => new Date(START_MS + ms).toISOString();
  const fencedOf = (changes: { at: string; agentId: string; attempt?: number }) =>
    measured({ ...records, acts: [{ ...act, atMs: START_MS + 150, held: [] }], events: [{ ...told, ...changes }] })
      .recoveries[0]!.fenced;
  expect(fencedOf({ at: at(400), agentId: "a" })).toBe(1);
  expect(fencedOf({ at: at(400), agentId: "another" })).toBe(0);
  expect(fencedOf({ at: at(400), agentId: "a", attempt: 2 })).toBe(0);
  expect(fencedOf({ at: at(100), agentId: "a" })).toBe(0);
});

test("what a process held is known from the history too, and a claim from events", () => {
  const records = runOf([
    { incarnation: "healthy", startedMs: 300, crashedIn: { incarnation: "struck", startedMs: 100 } },
  ]);
  const act = { kind: "freeze", agentId: "a", incarnation: "struck", agentType: "backend", group: "g" } as const;
  const at = new Date(START_MS + 250).toISOString();
  const claim = { type: "delivery.claimed", at, workflowId: WORKFLOW, taskId: "t0", data: { from: "struck" } } as const;
  const refused = { type: "task.fenced", at, workflowId: WORKFLOW, taskId: "t0", incarnation: "struck" } as const;
  const { recoveries, recoveryMs } = measured({
    ...records,
    acts: [{ ...act, atMs: START_MS + 150, held: [] }],
    verdicts: [{ incarnation: "struck", group: "g", kind: "frozen", atMs: START_MS + 200 }],
    events: [claim, refused],
  });
  expect(recoveries).toEqual([
    expect.objectContaining({ taskId: "t0", noticedMs: 50, claimedMs: 100, runningMs: 150, fenced: 1 }),
  ]);
  expect(recoveries[0]).toMatchObject({ recoveredBy: "healthy" });
  expect(recoveryMs.freeze).toMatchObject({ count: 1, p50: 150 });
});

test("processes are told by their samples: memory of all, processor time between the first and the last", () => {
  const sample = (second: number, rssBytes: number, cpuSeconds: number) => ({
    atMs: START_MS + 1000 * second,
    rssBytes,
    cpuSeconds,
  });
  const processes = [
    {
      name: "router-1",
      service: "router",
      pid: 7,
      samples: [sample(0, 10, 1), sample(1, 30, 1.5), sample(2, 20, 2.5)],
    },
    { name: "never", service: "router", pid: 8, samples: [] },
  ];
  expect(measured(runOf([{}], { processes })).processes).toEqual([
    {
      name: "router-1",
      service: "router",
      pid: 7,
      rssMedianBytes: 20,
      rssPeakBytes: 30,
      cpuSeconds: 1.5,
      samples: [
        { atMs: START_MS + 1000, rssBytes: 30, cpuShare: 0.5 },
        { atMs: START_MS + 2000, rssBytes: 20, cpuShare: 1 },
      ],
    },
  ]);
});

test("of a sample, rates and completion are those of all, by the totals", () => {
  const whole = runOf([{ agentType: "backend" }, { agentType: "architects" }]);
  const step = { dispatched: 100, results: 90, succeeded: 80, inFlight: 7, running: 5, workflows: 3 };
  const totals = {
    workflows: 40,
    tasks: 400,
    ended: 20,
    endedWithin: 10,
    succeeded: 19,
    stepMs: 1000,
    steps: [step, step],
  };
  const { throughput, completion, concurrency, coverage } = measured({ ...whole, totals });
  expect(throughput).toMatchObject({ tasksPerSecond: 80, workflowsPerSecond: 5 });
  expect(throughput.streams.map(({ messages }) => messages)).toEqual([200, 100, 100, 180]);
  expect(throughput.series).toEqual([
    { atMs: START_MS + 1000, recordedPerSecond: 80, inFlight: 7 },
    { atMs: START_MS + 2000, recordedPerSecond: 80, inFlight: 7 },
  ]);
  expect(completion).toEqual({ workflows: 40, succeeded: 19, rate: 0.95 });
  expect(concurrency).toEqual({ mostRunning: 5, mostWorkflows: 3 });
  expect(coverage).toEqual({ workflows: { all: 40, measured: 1 }, tasks: { all: 400, measured: 2 } });
});
