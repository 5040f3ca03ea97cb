/** More and more load, step by step, with a look at the end of each whether the hive has kept up. See ../README.md. */
import { Gauge } from "k6/metrics";
import { numberFrom } from "../lib/knobs.ts";
import { begin, end, openWorkflows, submitWorkflows, type Before } from "../lib/load.ts";
import { MESSAGES_PER_WORKFLOW } from "../lib/messages.ts";
import { WORKFLOWS_PER_REQUEST, steady } from "../lib/rates.ts";
import { summaries } from "../lib/summary.ts";
import { stepThresholds } from "../thresholds.ts";

const FLOOR = numberFrom("LOAD_RATE", 10_000);
const SECONDS = numberFrom("LOAD_SECONDS", 20);
/** Of the floor. */
const STEPS = [0.25, 0.5, 0.75, 1, 1.25, 1.5];

const steps = STEPS.map((share, index) => ({
  name: String(Math.round(share * FLOOR)),
  rate: share * FLOOR,
  workflowsPerSecond: (share * FLOOR) / MESSAGES_PER_WORKFLOW,
  isDemanded: share <= 1,
  startAfterSeconds: index * SECONDS,
}));

const open = new Gauge("open_workflows");

export const options = {
  scenarios: Object.fromEntries(
    steps.flatMap(({ name, rate, startAfterSeconds }) => [
      [`step_${name}`, steady(rate, SECONDS, startAfterSeconds)],
      [
        `look_${name}`,
        {
          executor: "per-vu-iterations",
          vus: 1,
          iterations: 1,
          startTime: `${startAfterSeconds + SECONDS}s`,
          exec: "look",
          tags: { step: name },
        },
      ],
    ]),
  ),
  thresholds: stepThresholds(steps),
  teardownTimeout: "6m",
};

export const setup = begin;
export const teardown = end;

export default function (before: Before): void {
  submitWorkflows(WORKFLOWS_PER_REQUEST, before);
}

export function look(): void {
  open.add(openWorkflows());
}

export const handleSummary = summaries(
  "steps",
  `${steps.map(({ name }) => name).join(", ")} messages a second, ${SECONDS} s each`,
);
