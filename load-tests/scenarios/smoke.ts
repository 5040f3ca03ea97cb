/** A few users submit the 11-task graph with tasks that do nothing, and wait for its end. See ../README.md. */
import { check } from "k6";
import exec from "k6/execution";
import { Rate, Trend } from "k6/metrics";
import { elevenTasks } from "../lib/eleven-tasks.ts";
import { requireHive, submit, waitUntilFinished } from "../lib/hive.ts";
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

export function setup(): void {
  requireHive();
}

export default function (): void {
  const startedAt = Date.now();
  const id = submit(`smoke-${exec.scenario.iterationInTest}`, elevenTasks("noop"));
  const state = id === undefined ? "refused" : waitUntilFinished(id, FINISHED_WITHIN_MS, LOOK_EVERY_MS);
  workflowDuration.add(Date.now() - startedAt);
  workflowsSucceeded.add(check(state, { "workflow succeeded": (seen) => seen === "succeeded" }));
}
