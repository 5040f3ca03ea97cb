import fc from "fast-check";
import { demonstrated } from "@agent-hive/measurement/test-fixtures";
import type { DemonstrationOutcome } from "../outcome.js";
import { interrupted, passed, someOutcome } from "../test-fixtures/outcome.js";
import { SPAN_KIND, STATUS, unixNanoOf, type Span } from "./otlp.js";
import { traceFile } from "./workflow-execution-trace.js";

const spansIn = (outcome: DemonstrationOutcome): Span[] =>
  traceFile.make(outcome).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans));

const attribute = ({ attributes }: Pick<Span, "attributes">, key: string): unknown =>
  Object.values(attributes.find((each) => each.key === key)?.value ?? {})[0];

const linksOf = (span: Span, kind: string): string[] =>
  span.links.filter((link) => attribute(link, "hive.link") === kind).map(({ spanId }) => spanId);

const byName = (spans: readonly Span[], name: string): Span => spans.find((span) => span.name === name)!;

function always(holds: (spans: Span[], outcome: DemonstrationOutcome) => void): void {
  fc.assert(
    fc.property(someOutcome(), (outcome) => holds(spansIn(outcome), outcome)),
    { numRuns: 100 },
  );
}

test("a demonstration is one trace: the workflow, eleven tasks, and every delivery", () => {
  const { workflows, attempts } = demonstrated();
  const spans = spansIn(passed());
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([workflows[0]!.traceId]));
  expect(spans.filter(({ name }) => name.startsWith("task "))).toHaveLength(11);
  expect(spans.filter(({ kind }) => kind === SPAN_KIND.consumer)).toHaveLength(attempts.length);
});

test("no two spans have one id, and the same run gives the same ones", () => {
  always((spans, outcome) => {
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
    expect(spansIn(outcome)).toEqual(spans);
  });
});

test("even rows that the records do not tell apart have ids of their own", () => {
  const measurement = demonstrated();
  const spans = spansIn(
    passed({ measurement: { ...measurement, attempts: [...measurement.attempts, ...measurement.attempts] } }),
  );
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
});

test("every span but a workflow's has its parent in its own trace, and begins no earlier", () => {
  always((spans) => {
    const byId = new Map(spans.map((span) => [span.spanId, span]));
    for (const span of spans.filter(({ name }) => !name.startsWith("workflow "))) {
      const parent = byId.get(span.parentSpanId!);
      expect(parent?.traceId).toBe(span.traceId);
      expect(BigInt(span.startTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(parent!.startTimeUnixNano));
    }
  });
});

test("no span ends before it begins, and events are in order", () => {
  always((spans) => {
    for (const { startTimeUnixNano, endTimeUnixNano, events } of spans) {
      expect(BigInt(endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(startTimeUnixNano));
      const times = events.map(({ timeUnixNano }) => Number(timeUnixNano));
      expect(times).toEqual(times.toSorted((one, other) => one - other));
    }
  });
});

test("a task that has begun links all that it depends on", () => {
  always((spans, { measurement }) => {
    for (const { workflowId, taskId, dependsOn } of measurement?.tasks ?? []) {
      const isOf = (span: Span, id: string): boolean =>
        span.name === `task ${id}` && attribute(span, "hive.workflow.id") === workflowId;
      const span = spans.find((each) => isOf(each, taskId));
      if (span === undefined) continue;
      const dependencies = dependsOn.map((id) => spans.find((each) => isOf(each, id))!.spanId);
      expect(linksOf(span, "dependency")).toEqual(dependencies);
    }
  });
});

test("a delivery that crashed is an error with its dead consumer, and the one after it links it", () => {
  const spans = spansIn(passed());
  const ofTask = spans.filter(
    (span) => span.kind === SPAN_KIND.consumer && attribute(span, "hive.task.id") === "auth_system",
  );
  const crashed = ofTask.find((span) => attribute(span, "hive.attempt.outcome") === "crashed")!;
  const recovered = ofTask.find((span) => attribute(span, "hive.attempt.outcome") === "succeeded")!;
  const { agentId, incarnation, atMs, claimedMs } = demonstrated().recoveries.find(
    ({ taskId }) => taskId === "auth_system",
  )!;
  expect(crashed.status).toEqual({
    code: STATUS.error,
    message: `${agentId} (${incarnation}) was killed while it held this delivery`,
  });
  expect(attribute(crashed, "hive.consumer.lost")).toBe(true);
  expect(crashed.events.map(({ name }) => name)).toEqual(["hive.started", "hive.struck", "hive.noticed"]);
  expect(linksOf(recovered, "recovers")).toEqual([crashed.spanId]);
  expect(recovered.startTimeUnixNano).toBe(unixNanoOf(atMs + claimedMs!));
  expect(recovered.status).toEqual({ code: STATUS.ok });
});

test("after a freeze the delivery that took over links the frozen one, and the late result links nothing", () => {
  const ofTask = spansIn(passed()).filter(
    (span) => span.kind === SPAN_KIND.consumer && attribute(span, "hive.task.id") === "api_development",
  );
  const ended = (outcome: string): Span => ofTask.find((span) => attribute(span, "hive.attempt.outcome") === outcome)!;
  expect(linksOf(ended("succeeded"), "recovers")).toEqual([ended("frozen").spanId]);
  expect(ended("fenced")).toMatchObject({ links: [], status: { code: STATUS.unset } });
});

test("in every run a delivery that follows a lost one of its task links it", () => {
  always((spans) => {
    const lost = spans.filter((span) => attribute(span, "hive.consumer.lost") === true);
    const linked = new Set(spans.flatMap((span) => linksOf(span, "recovers")));
    for (const span of lost) {
      const after = spans.filter(
        (each) =>
          each.parentSpanId === span.parentSpanId &&
          each !== span &&
          attribute(each, "hive.attempt.outcome") === "succeeded",
      );
      if (after.length > 0) expect(linked).toContain(span.spanId);
    }
  });
});

test("messages are named as OpenTelemetry names them", () => {
  const span = spansIn(passed()).find(({ kind }) => kind === SPAN_KIND.consumer)!;
  expect(span.name).toBe("process agent_messages:architects");
  expect(attribute(span, "messaging.destination.name")).toBe("agent_messages:architects");
  expect(attribute(span, "messaging.consumer.group.name")).toBe("architects_consumers");
  expect(attribute(span, "messaging.message.id")).toMatch(/^\d+-\d+$/);
});

test("spans are with the service that did the work", () => {
  const services = traceFile
    .make(passed())
    .resourceSpans.map(({ resource, scopeSpans }) => [
      attribute(resource, "service.name"),
      scopeSpans[0]!.spans.length,
    ]);
  expect(services[0]).toEqual(["workflow-engine", 12]);
  expect(services.map(([name]) => name)).toContain("agent-backend");
});

test("a workflow without a trace of its own is given one, since zeros are not valid", () => {
  const measurement = demonstrated();
  const workflows = measurement.workflows.map((workflow) => ({ ...workflow, traceId: "0".repeat(32) }));
  const [root] = spansIn(passed({ measurement: { ...measurement, workflows } }));
  expect(root!.traceId).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
});

test("what has not ended lasts until the window does, and what was never ready has no span", () => {
  const measurement = demonstrated();
  const unfinished = {
    ...measurement,
    workflows: measurement.workflows.map((workflow) => ({
      ...workflow,
      state: "running" as const,
      finishedAtMs: null,
    })),
    tasks: measurement.tasks.map((task) => ({
      ...task,
      ...(task.taskId === "ui_tests" && { state: "dispatched" as const, finishedAtMs: null }),
      ...(task.taskId === "integration_tests" && { state: "waiting" as const, finishedAtMs: null, readyAtMs: null }),
    })),
    attempts: measurement.attempts.filter(({ taskId }) => taskId !== "ui_tests" && taskId !== "integration_tests"),
  };
  const spans = spansIn(passed({ measurement: unfinished }));
  const until = unixNanoOf(measurement.window.toMs);
  expect(byName(spans, "workflow build-bookshop").endTimeUnixNano).toBe(until);
  expect(byName(spans, "task ui_tests")).toMatchObject({ endTimeUnixNano: until, status: { code: STATUS.unset } });
  expect(byName(spans, "task integration_tests")).toBeUndefined();
});

test("nothing measured is a request without spans that says why", () => {
  const { resourceSpans } = traceFile.make(interrupted());
  expect(spansIn(interrupted())).toEqual([]);
  expect(attribute(resourceSpans[0]!.resource, "hive.absent.reason")).toMatch(/^Nothing was measured/);
});
