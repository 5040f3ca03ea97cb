/** A few users submit the 11-task graph with tasks that do nothing, and wait for its end. See ../README.md. */
import { check } from "k6";
import exec from "k6/execution";
import { Rate, Trend } from "k6/metrics";
import { elevenTasks } from "../lib/eleven-tasks.ts";
import { requireHive, submit, waitUntilFinished } from "../lib/hive.ts";
import { summaries } from "../lib/summary.ts";
import { SMOKE_THRESHOLDS } from "../thresholds.ts";

const USERS = 4;
const WORKFLOWS = 40;
const FINISHED_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 20;

export const options = {
  scenarios: {
    smoke: { executor: "shared-iterations", vus: USERS, iterations: WORKFLOWS, maxDuration: "2m" },
  },
  thresholds: SMOKE_THRESHOLDS,
};

const workflowDuration = new Trend("workflow_duration", true);
const workflowsSucceeded = new Rate("workflows_succeeded");

export function setup(): { startedAtMs: number } {
  requireHive();
  return { startedAtMs: Date.now() };
}

export default function ({ startedAtMs }: { startedAtMs: number }): void {
  const began = Date.now();
  const { iterationInTest } = exec.scenario;
  const body = JSON.stringify({ name: `smoke-${iterationInTest}`, tasks: elevenTasks("noop") });
  const [id] = submit(body, `smoke-${startedAtMs}-${iterationInTest}`) ?? [];
  const state = id === undefined ? "refused" : waitUntilFinished(id, FINISHED_WITHIN_MS, LOOK_EVERY_MS);
  workflowDuration.add(Date.now() - began);
  workflowsSucceeded.add(check(state, { "workflow succeeded": (seen) => seen === "succeeded" }));
}

export const handleSummary = summaries("smoke", `${USERS} users, ${WORKFLOWS} workflows, one after another`);
