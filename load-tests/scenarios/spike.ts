/** A quiet load, then many times as much for a while, then quiet again. See ../README.md. */
import { numberFrom } from "../lib/knobs.ts";
import { begin, end, submitWorkflows, type Before } from "../lib/load.ts";
import { USERS, WORKFLOWS_PER_REQUEST, arrivalsPerMinute } from "../lib/rates.ts";
import { summaries } from "../lib/summary.ts";
import { SPIKE_THRESHOLDS } from "../thresholds.ts";

const QUIET = numberFrom("LOAD_RATE", 2_000);
const PEAK = numberFrom("LOAD_PEAK", 20_000);
const SECONDS = numberFrom("LOAD_SECONDS", 20);

const [quiet, peak] = [arrivalsPerMinute(QUIET), arrivalsPerMinute(PEAK)];

export const options = {
  scenarios: {
    spike: {
      executor: "ramping-arrival-rate",
      startRate: quiet,
      timeUnit: "1m",
      stages: [
        { target: quiet, duration: `${SECONDS}s` },
        { target: peak, duration: "1s" },
        { target: peak, duration: `${SECONDS}s` },
        { target: quiet, duration: "1s" },
        { target: quiet, duration: `${SECONDS}s` },
      ],
      gracefulStop: "60s",
      ...USERS,
    },
  },
  thresholds: SPIKE_THRESHOLDS,
  teardownTimeout: "6m",
};

export const setup = begin;
export const teardown = end;

export default function (before: Before): void {
  submitWorkflows(WORKFLOWS_PER_REQUEST, before);
}

export const handleSummary = summaries("spike", `${QUIET} messages a second, ${PEAK} for ${SECONDS} s, ${QUIET} again`);
