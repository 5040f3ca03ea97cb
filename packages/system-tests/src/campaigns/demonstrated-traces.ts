/**
 * The demonstration is run with a real Jaeger, again and again. Its workflow must be one trace, whole, with as many spans as
 * the history of the run has messages; each delivery that was struck must be there, and what took its place linked to it.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ATTRIBUTES, LINKS } from "@agent-hive/telemetry";
import { startRecording } from "../history/index.js";
import { JAEGER_FLAGS, STORED_WITHIN_MS, judgedTrace } from "../tracing/jaeger.js";
import { notedMessages } from "../tracing/noted-messages.js";
import type { SeenSpan } from "../tracing/spans.js";
import { campaign, type Control, type Outcome } from "./campaign.js";

const CLI = join(import.meta.dirname, "..", "..", "..", "..", "apps", "cli", "dist", "main.js");
/** As `error.type` tells how a delivery ended, when its process was struck. */
const STRUCK = new Set<unknown>(["crashed", "frozen"]);

const FLAGS = {
  runs: { default: 10, what: "demonstrations, one after the other" },
  ...JAEGER_FLAGS,
};
type Flags = Record<keyof typeof FLAGS, number>;

interface Demonstrated {
  seed: number;
  passed: boolean;
  workflow: { id: string; traceId: string };
  attempts: { outcome: string }[];
}

await campaign({
  name: "demonstrated-traces",
  what: "Traces of demonstrations, as a real Jaeger has them.",
  flags: FLAGS,
  run,
});

async function run(flags: Flags, { tell, signal }: Control): Promise<Outcome> {
  const violations: string[] = [];
  const runs: { seed: number; spans: number; struck: number; retried: number }[] = [];
  while (runs.length < flags.runs && !signal.aborted) {
    const folder = mkdtempSync(join(tmpdir(), "hive-traces-"));
    try {
      const { results, noted } = await demonstrate(folder, flags, signal);
      if (results === undefined) break;
      const { seed, workflow, attempts } = results;
      const storedBy = performance.now() + STORED_WITHIN_MS;
      const counts = noted.get(workflow.id) ?? {};
      const { problems, spans } = await judgedTrace(workflow.traceId, counts, flags.query, storedBy);
      const struck = spans.filter(({ attributes }) => STRUCK.has(attributes[ATTRIBUTES.errorType]));
      const lost = attempts.filter(({ outcome }) => STRUCK.has(outcome)).length;
      if (!results.passed) problems.push("the demonstration did not pass");
      if (struck.length !== lost) problems.push(`${struck.length} spans of struck deliveries, ${lost} in PostgreSQL`);
      problems.push(...withoutSuccessor(struck, spans));
      violations.push(...problems.map((problem) => `seed ${seed}: ${problem}`));
      const retried = attempts.filter(({ outcome }) => outcome === "failed").length;
      runs.push({ seed, spans: spans.length, struck: struck.length, retried });
      tell(
        `run ${runs.length}: ${spans.length} spans, ${struck.length} of struck deliveries, ${problems.length} problems`,
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return { measures: [], violations, figures: { runs }, ...(signal.aborted && { void: "it was ended early" }) };
}

/** @returns no results if it was interrupted. */
async function demonstrate(
  folder: string,
  { otlp, query }: Flags,
  signal: AbortSignal,
): Promise<{ results: Demonstrated | undefined; noted: ReturnType<typeof notedMessages> }> {
  const file = join(folder, "history.ndjson");
  const outputDir = join(folder, "results");
  const recording = await startRecording({ file });
  try {
    const env = {
      ...process.env,
      ...recording.env,
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${otlp}`,
      HIVE_TRACE_URL: `http://127.0.0.1:${query}/trace/{traceId}`,
    };
    const child = spawn(process.execPath, [CLI, "demo", "--demo-only", "--output-dir", outputDir], {
      env,
      stdio: "ignore",
    });
    signal.addEventListener("abort", () => child.kill("SIGINT"), { once: true });
    await once(child, "exit");
  } finally {
    await recording.stop();
  }
  if (signal.aborted) return { results: undefined, noted: new Map() };
  const results = JSON.parse(readFileSync(join(outputDir, "demonstration_results.json"), "utf8")) as Demonstrated;
  return { results, noted: notedMessages(file) };
}

/** Of struck deliveries those that nothing says it replaces. */
function withoutSuccessor(struck: readonly SeenSpan[], spans: readonly SeenSpan[]): string[] {
  const replaced = new Set(
    spans.flatMap(({ links }) => links.filter(({ why }) => why === LINKS.replaces).map(({ spanId }) => spanId)),
  );
  return struck
    .filter(({ spanId }) => !replaced.has(spanId))
    .map(({ name, spanId }) => `no span is linked to the struck "${name}" (${spanId})`);
}
