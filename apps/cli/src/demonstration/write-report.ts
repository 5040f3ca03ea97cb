import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { renderReport } from "@agent-hive/report";
import { readSettings } from "@agent-hive/service-kit/settings";
import { verdictOf, type DemonstrationOutcome } from "./files/outcome.js";
import { PHASES } from "./phases.js";

const REPORT_FILE = "phase2_demonstration_report.html";

/**
 * Writes the report of a run that was measured: whole, or not at all.
 *
 * @returns its path; undefined if there is nothing to report on.
 */
export async function writeReport(outcome: DemonstrationOutcome): Promise<string | undefined> {
  const { measurement, workflowId, outputDir } = outcome;
  if (measurement === null || workflowId === null) return undefined;
  const page = renderReport({
    title: "Demonstration",
    generatedAt: new Date().toISOString(),
    verdict: verdictOf(outcome) === "passed" ? "passed" : "failed",
    criteria: outcome.criteria,
    phases: phasesOf(outcome),
    measurement,
    environment: environmentLines(outcome),
    workflowId,
    traceUrl: traceUrlOf(outcome),
    underLoad: outcome.performance,
  });
  await mkdir(outputDir, { recursive: true });
  const path = join(outputDir, REPORT_FILE);
  await writeFile(`${path}.part`, page);
  await rename(`${path}.part`, path);
  return path;
}

/** The trace of a workflow to which something happened is kept, sampled or not. */
function traceUrlOf({ measurement, workflowId }: DemonstrationOutcome): string | null {
  const traceId = measurement?.workflows.find(({ id }) => id === workflowId)?.traceId;
  const { HIVE_TRACE_URL: template } = readSettings("cli", { warn: () => undefined });
  return traceId === undefined ? null : (template?.replace("{traceId}", traceId) ?? null);
}

/** All eight, those that were not reached among them. */
function phasesOf({ phases }: DemonstrationOutcome) {
  return PHASES.map(({ title }, index) => {
    const phase = phases[index];
    if (phase === undefined) return { name: title, state: "not reached" as const, seconds: 0, detail: "" };
    const { ms, told, error } = phase;
    return {
      name: title,
      state: error === null ? ("done" as const) : ("failed" as const),
      seconds: ms / 1000,
      detail: error ?? told,
    };
  });
}

function environmentLines({ environment, seed, startedAt }: DemonstrationOutcome): Record<string, string> {
  const { node, platform, cores, memoryBytes, settings } = environment;
  const gibibytes = (memoryBytes / 2 ** 30).toFixed(1);
  return {
    "Node.js": node,
    Machine: `${platform}, ${cores} processors, ${gibibytes} GiB of memory`,
    ...settings,
    Began: startedAt,
    Seed: String(seed),
  };
}
