import fc from "fast-check";
import type { HiveEvent } from "@agent-hive/contracts";
import { demonstrated } from "@agent-hive/measurement/test-fixtures";
import { timelineFile } from "./crash-recovery-timeline.js";
import { passed, someOutcome } from "./test-fixtures/outcome.js";
import { traceFile } from "./trace/workflow-execution-trace.js";

const { make } = timelineFile;
const { attempts, ...rest } = demonstrated();
const withoutRecordedRefusals = { ...rest, attempts: attempts.filter(({ outcome }) => outcome !== "fenced") };

test("a kill is told with each step to the recorded result", () => {
  const killed = make(passed()).acts.find(({ held }) => held[0]?.taskId === "auth_system")!;
  const { noticedMs, claimedMs, runningMs, recordedMs } = rest.recoveries.find(
    ({ taskId }) => taskId === "auth_system",
  )!;
  expect(killed.sentence).toBe(`${killed.agentId} was killed while it held "auth_system" (attempt 1).`);
  expect(killed.isRecovered).toBe(true);
  expect(killed.consequences.map(({ step, sinceActMs }) => [step, sinceActMs])).toEqual([
    ["noticed", noticedMs],
    ["claimed", claimedMs],
    ["running", runningMs],
    ["recorded", recordedMs],
  ]);
  expect(killed.consequences[0]!.sentence).toMatch(/^backend-\d was found dead \d+ ms after the kill\.$/);
});

test("a late result that was recorded as refused is told with its time", () => {
  const frozen = make(passed()).acts.find(({ kind }) => kind === "freeze")!;
  const row = attempts.find(({ outcome }) => outcome === "fenced")!;
  expect(frozen.consequences.at(-1)).toMatchObject({ step: "late result fenced", atMs: row.recordedAtMs });
});

test("one of which an event alone tells has the event's time, and one of which nothing tells has none", () => {
  const { workflowId, taskId, agentId, attempt, atMs } = rest.recoveries.find(({ kind }) => kind === "freeze")!;
  const event: HiveEvent = {
    type: "task.fenced",
    at: new Date(Math.ceil(atMs) + 1700).toISOString(),
    workflowId,
    taskId,
    attempt,
    agentId,
    incarnation: "as which it woke",
  };
  const last = (events: HiveEvent[]) =>
    make(passed({ measurement: withoutRecordedRefusals, events }))
      .acts.find(({ kind }) => kind === "freeze")!
      .consequences.at(-1)!;
  expect(last([event])).toMatchObject({ step: "late result fenced", atMs: Date.parse(event.at) });
  expect(last([{ ...event, agentId: "another" }])).toMatchObject({ atMs: null });
  expect(last([])).toMatchObject({ step: "late result fenced", atMs: null, sinceActMs: null });
  expect(last([]).sentence).toContain("at some time after the freeze");
});

test("an act that hit nothing, or whose task never ran again, is told as that", () => {
  const [recovery] = rest.recoveries;
  const act = rest.acts.find(({ incarnation }) => incarnation === recovery!.incarnation)!;
  const told = (changes: Partial<typeof rest>) =>
    make(passed({ measurement: { ...rest, attempts, acts: [act], ...changes } })).acts[0]!;
  expect(told({ acts: [{ ...act, held: [] }], recoveries: [] }).sentence).toMatch(/while it held no task\.$/);
  expect(told({ recoveries: [] }).sentence).toMatch(/; there was nothing to recover\.$/);
  const lost = told({ recoveries: [{ ...recovery!, runningMs: null, recordedMs: null }] });
  expect(lost.isRecovered).toBe(false);
  expect(lost.consequences.map(({ step }) => step)).toEqual(["noticed", "claimed"]);
});

test("acts and what came of them are in the order of time, every act once", () => {
  fc.assert(
    fc.property(someOutcome(), (outcome) => {
      const { acts } = make(outcome);
      expect(acts).toHaveLength(outcome.measurement?.acts.length ?? 0);
      for (const times of [acts, ...acts.map(({ consequences }) => consequences)].map((entries) =>
        entries.map(({ atMs }) => atMs ?? Infinity),
      ))
        expect(times).toEqual(times.toSorted((one, other) => one - other));
    }),
    { numRuns: 100 },
  );
});

test("the spans that entries point to are in the trace file", () => {
  const outcome = passed();
  const spans = traceFile
    .make(outcome)
    .resourceSpans.flatMap(({ scopeSpans }) => scopeSpans)
    .flatMap((scope) => scope.spans);
  for (const { task, span } of make(outcome).acts.flatMap(({ consequences }) => consequences)) {
    const found = spans.find(({ traceId, spanId }) => traceId === span!.traceId && spanId === span!.spanId);
    expect(found?.name).toBe(`task ${task.taskId}`);
  }
});
