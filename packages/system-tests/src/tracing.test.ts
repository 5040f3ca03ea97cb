/** A workflow is one trace, whole, whoever is killed on the way (I12). */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WorkflowDefinitionInput } from "@agent-hive/contracts";
import { ATTRIBUTES, LINKS, SPAN_NAMES, traceIdOf } from "@agent-hive/telemetry";
import { elevenTasks } from "./definitions.js";
import { startRecording, type Recording } from "./history/index.js";
import { TestHive } from "./test-hive.js";
import { judgeTrace } from "./tracing/judge-trace.js";
import { notedMessages } from "./tracing/noted-messages.js";
import { SpanCollector } from "./tracing/span-collector.js";
import type { SeenSpan } from "./tracing/spans.js";

let collector: SpanCollector;
let recording: Recording | undefined;
let hive: TestHive | undefined;
const folder = mkdtempSync(join(tmpdir(), "hive-traces-"));
const file = join(folder, "history.ndjson");

beforeAll(async () => {
  collector = await SpanCollector.start();
  recording = await startRecording({ file });
  hive = await TestHive.start({
    env: { ...recording.env, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, HIVE_TRACES_PER_SECOND: "1000000" },
  });
}, 120_000);

afterAll(async () => {
  await stop();
  await collector?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** The recording ends after what it records. */
async function stop(): Promise<void> {
  await hive?.stop();
  await recording?.stop();
  hive = recording = undefined;
}

/** The trace of a workflow once it is whole: the spans of its end come last. */
async function traceOf(running: TestHive, workflowId: string): Promise<SeenSpan[]> {
  const { traceparent } = await running.ended(workflowId);
  return running.until(
    "the workflow's own span, and that of its last task",
    async () => collector.trace(traceIdOf(traceparent)),
    (spans) => spans.some(({ name }) => name.startsWith("workflow ")) && unfinished(spans).length === 0,
  );
}

/** Consumers whose message nobody is known to have sent yet, and parents to come. */
function unfinished(spans: readonly SeenSpan[]): string[] {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans.flatMap(({ parentSpanId, links }) =>
    [parentSpanId, ...links.map(({ spanId }) => spanId)].filter((id) => id !== "" && !ids.has(id)),
  );
}

/** Submits under a context of the client's own. @param flags of the context: "00" does not ask for a trace. */
async function submitUnder(
  flags: "00" | "01",
  definition: WorkflowDefinitionInput,
): Promise<[id: string, traceId: string]> {
  const traceId = randomBytes(16).toString("hex");
  const response = await fetch(`${hive!.launcher.engineUrl}/v1/workflows`, {
    method: "POST",
    headers: { "content-type": "application/json", traceparent: `00-${traceId}-${"1".repeat(16)}-${flags}` },
    body: JSON.stringify(definition),
  });
  return [((await response.json()) as { id: string }).id, traceId];
}

test("what is not sampled is traced all the same if it fails, from what was recorded", async () => {
  const fault = (input: { mode: string; untilAttempt?: number }): WorkflowDefinitionInput => ({
    name: "unsampled",
    tasks: [{ id: "t", agentType: "backend", handler: "fault", input, retry: { maxAttempts: 1 } }],
  });
  const [calm, calmTrace] = await submitUnder("00", fault({ mode: "throw", untilAttempt: 1 }));
  await hive!.ended(calm);
  const [broken, traceId] = await submitUnder("00", fault({ mode: "terminal" }));
  expect((await hive!.ended(broken)).state).toBe("failed");
  const spans = await hive!.until(
    "the trace of the broken one",
    async () => collector.trace(traceId),
    (found) => found.some(({ name }) => name.startsWith("process")),
  );
  expect(spans.map(({ name, isFailed }) => [name, isFailed])).toEqual([
    ["workflow unsampled", true],
    ["task t", true],
    ["process agent_messages:backend", true],
  ]);
  expect(spans[0]!.parentSpanId).toBe("");
  expect(unfinished(spans)).toEqual([]);
  expect(spans[2]!.attributes).toMatchObject({ [ATTRIBUTES.reconstructed]: true, "error.type": "FAULT" });
  expect(collector.trace(calmTrace)).toEqual([]);
}, 60_000);

test("a workflow of more tasks than are read at once has all of its spans", async () => {
  const COUNT = 2_500;
  const tasks = Array.from({ length: COUNT }, (_, at) => ({ id: `t${at}`, agentType: "backend", handler: "noop" }));
  const last = { id: "join", agentType: "qa", handler: "noop", dependsOn: tasks.map(({ id }) => id) };
  const { id } = await hive!.submit({ name: "large", tasks: [...tasks, last] });
  const { traceparent } = await hive!.ended(id);
  const spans = await hive!.until(
    "as many task spans as tasks",
    async () => collector.trace(traceIdOf(traceparent)),
    (found) => found.filter(({ name }) => name.startsWith("task ")).length === COUNT + 1,
  );
  expect(unfinished(spans)).toEqual([]);
  expect(spans.find(({ name }) => name === "task join")!.links).toHaveLength(128);
}, 90_000);

test("from the request to the last result every message has its spans, through crash, freeze and retry", async () => {
  const running = hive!;
  // Before anybody is struck: the latest spans of a process are lost with it.
  const calm = await running.submit(elevenTasks("noop"));
  const calmTrace = await traceOf(running, calm.id);
  const crash = running.chaos.arm({ taskId: "struck", act: "crash", moment: "started" });
  await crash.armed;
  const struck = await running.submit({
    name: "struck",
    tasks: [
      { id: "first", agentType: "architects", handler: "noop" },
      { id: "struck", agentType: "backend", handler: "noop", dependsOn: ["first"] },
      {
        id: "flaky",
        agentType: "qa",
        handler: "fault",
        dependsOn: ["first"],
        input: { mode: "throw", untilAttempt: 2 },
        retry: { initialDelayMs: 1 },
      },
      { id: "join", agentType: "frontend", handler: "count", dependsOn: ["struck", "flaky"], input: { to: 3 } },
    ],
  });
  const [killed] = await crash.done;
  const freeze = running.chaos.arm({ taskId: "frozen", act: "freeze", moment: "finished" });
  await freeze.armed;
  const frozen = await running.submit({ name: "frozen", tasks: [{ id: "frozen", agentType: "qa", handler: "noop" }] });
  const [stopped] = await freeze.done;
  await running.ended(frozen.id);
  await running.chaos.recoverAgent(stopped!.agentId, stopped!.group);
  const traces = {
    calm: calmTrace,
    struck: await traceOf(running, struck.id),
    frozen: await running.until(
      "the refused result",
      () => traceOf(running, frozen.id),
      (spans) => spans.some(({ name }) => name === SPAN_NAMES.refused),
    ),
  };

  const lost = traces.struck.find(({ attributes }) => attributes[ATTRIBUTES.outcome] === "crashed")!;
  expect(lost).toMatchObject({ isFailed: true, attributes: { [ATTRIBUTES.incarnation]: killed!.incarnation } });
  expect(lost.instance).not.toBe(killed!.agentId);
  expect(linkedTo(lost, traces.struck)).toMatchObject([{ why: LINKS.replaces, name: lost.name, isFailed: false }]);

  const dispatches = traces.struck.filter(
    ({ name, attributes }) => name === "send workflow:dispatch" && attributes[ATTRIBUTES.task] === "flaky",
  );
  expect(new Set(dispatches.map(({ attributes }) => attributes[ATTRIBUTES.attempt]))).toEqual(new Set([1, 2]));
  expect(dispatches).toHaveLength(2);
  expect(
    linkedTo(
      dispatches.find(({ attributes }) => attributes[ATTRIBUTES.attempt] === 1)!,
      traces.struck,
    ),
  ).toContainEqual(expect.objectContaining({ why: LINKS.replaces, name: "send workflow:dispatch" }));

  const held = traces.frozen.find(({ attributes }) => attributes[ATTRIBUTES.outcome] === "frozen")!;
  expect(held.attributes[ATTRIBUTES.incarnation]).toBe(stopped!.incarnation);
  const refused = traces.frozen.find(({ name }) => name === SPAN_NAMES.refused)!;
  expect(refused).toMatchObject({ parentSpanId: held.spanId, instance: stopped!.agentId, isFailed: true });

  const joining = traces.struck.find(({ name }) => name === "task join")!;
  const dependencies = joining.links.map(({ spanId }) => traces.struck.find((span) => span.spanId === spanId)!.name);
  expect(dependencies.sort()).toEqual(["task flaky", "task struck"]);

  await stop();
  const noted = notedMessages(file);
  expect(judgeTrace(traces.calm, noted.get(calm.id)!)).toEqual([]);
  expect(judgeTrace(traces.struck, noted.get(struck.id)!)).toEqual([]);
  expect(judgeTrace(traces.frozen, noted.get(frozen.id)!)).toEqual([]);
}, 120_000);

/** Spans that are linked to this one, and why. */
const linkedTo = ({ spanId }: SeenSpan, spans: readonly SeenSpan[]) =>
  spans.flatMap((span) =>
    span.links.flatMap((link) =>
      link.spanId === spanId && link.why !== LINKS.message ? [{ ...span, why: link.why }] : [],
    ),
  );
