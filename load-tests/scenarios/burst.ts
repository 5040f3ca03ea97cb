/** Many workflows as fast as they can be submitted, then waiting until all have ended. See ../README.md. */
import { numberFrom } from "../lib/knobs.ts";
import { begin, end, submitWorkflows, type Before } from "../lib/load.ts";
import { summaries } from "../lib/summary.ts";
import { BURST_THRESHOLDS } from "../thresholds.ts";

const WORKFLOWS = numberFrom("LOAD_WORKFLOWS", 2_000);
const PER_REQUEST = Math.min(100, WORKFLOWS);
const USERS = 4;

export const options = {
  scenarios: {
    burst: {
      executor: "shared-iterations",
      vus: USERS,
      iterations: Math.ceil(WORKFLOWS / PER_REQUEST),
      maxDuration: "10m",
    },
  },
  thresholds: BURST_THRESHOLDS,
  teardownTimeout: "6m",
};

export const setup = begin;
export const teardown = end;

export default function (before: Before): void {
  submitWorkflows(PER_REQUEST, before);
}

export const handleSummary = summaries("burst", `${WORKFLOWS} workflows, ${PER_REQUEST} in a request, ${USERS} users`);
