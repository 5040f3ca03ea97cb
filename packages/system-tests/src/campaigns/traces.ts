/**
 * Workflows are run with every one of them traced, agents are killed on the way, and a Jaeger is asked for the traces: each
 * must be one, whole, with as many spans as the history of the run has messages.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChaosError } from "@agent-hive/chaos";
import type { WorkflowView } from "@agent-hive/contracts";
import { traceIdOf } from "@agent-hive/telemetry";
import { OwnPostgres, OwnRedis } from "@agent-hive/testing";
import { elevenTasks } from "../definitions.js";
import { startRecording } from "../history/index.js";
import { TestHive } from "../test-hive.js";
import { JAEGER_FLAGS, STORED_WITHIN_MS, judgedTrace } from "../tracing/jaeger.js";
import { notedMessages } from "../tracing/noted-messages.js";
import { campaign, type Control, type Outcome } from "./campaign.js";

const AT_ONCE = 100;
const SHOWN = 20;

const FLAGS = {
  workflows: { default: 1_000, what: "workflows of eleven tasks" },
  kills: { default: 0, what: "agents that are killed meanwhile; each may take spans of its last 100 ms with it" },
  ...JAEGER_FLAGS,
};
type Flags = Record<keyof typeof FLAGS, number>;

await campaign({ name: "traces", what: "Traces of whole workflows, as a real Jaeger has them.", flags: FLAGS, run });

async function run(flags: Flags, control: Control): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "hive-traces-"));
  const file = join(folder, "history.ndjson");
  const [postgres, redis] = await Promise.all([OwnPostgres.start(), OwnRedis.start()]);
  const recording = await startRecording({ file });
  let ended: WorkflowView[];
  try {
    const hive = await TestHive.start({
      stores: { databaseUrl: postgres.url, redisUrl: redis.url },
      env: {
        ...recording.env,
        OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${flags.otlp}`,
        HIVE_TRACES_PER_SECOND: "1000000",
        HIVE_LOG_LEVEL: "warn",
      },
    });
    try {
      ended = await workflowsOf(hive, flags, control);
    } finally {
      await hive.stop();
    }
  } finally {
    await recording.stop();
    await Promise.all([postgres.stop(), redis.stop()]);
  }
  const noted = notedMessages(file);
  rmSync(folder, { recursive: true, force: true });
  let spans = 0;
  const violations: string[] = [];
  const storedBy = performance.now() + STORED_WITHIN_MS;
  for (const { id, traceparent, state } of ended) {
    const judged = await judgedTrace(traceIdOf(traceparent), noted.get(id) ?? {}, flags.query, storedBy);
    const { problems } = judged;
    spans += judged.spans.length;
    if (state !== "succeeded") problems.push(`it ${state}`);
    violations.push(...problems.map((problem) => `workflow ${id}: ${problem}`));
  }
  return {
    measures: [],
    violations: violations.slice(0, SHOWN),
    figures: { workflows: ended.length, spans, kills: flags.kills, problems: violations.length },
    ...(control.signal.aborted && { void: "it was ended early" }),
  };
}

async function workflowsOf(hive: TestHive, flags: Flags, { tell, signal, random }: Control): Promise<WorkflowView[]> {
  const ended: WorkflowView[] = [];
  const killsAfter = Array.from({ length: flags.kills }, () => Math.floor(random() * flags.workflows));
  while (ended.length < flags.workflows && !signal.aborted) {
    const count = Math.min(AT_ONCE, flags.workflows - ended.length);
    const submitted = await Promise.all(Array.from({ length: count }, () => hive.submit(elevenTasks("noop"))));
    for (const after of killsAfter) {
      if (after < ended.length || after >= ended.length + count) continue;
      const group = (await hive.client.groups()).find(({ consumers }) => consumers.length > 1);
      if (group) await strike(hive, group.consumers[0]!.agentId, group.group);
    }
    ended.push(...(await Promise.all(submitted.map(({ id }) => hive.ended(id)))));
    tell(`${ended.length} of ${flags.workflows} workflows have ended`);
  }
  return ended;
}

/** Whom the group lists may have gone this very moment: then nobody is struck. */
async function strike(hive: TestHive, agentId: string, group: string): Promise<void> {
  await hive.chaos.crashAgent(agentId, group).catch((error: unknown) => {
    if (!(error instanceof ChaosError)) throw error;
  });
}
