import { numberFrom } from "./knobs.ts";
import { begin, end, submitWorkflows, type Before } from "./load.ts";
import { WORKFLOWS_PER_REQUEST, steady } from "./rates.ts";
import { summaries } from "./summary.ts";
import { rateThresholds } from "../thresholds.ts";

/**
 * A scenario with one load from beginning to end. Its parts are what a scenario's module exports; `run` is the default.
 *
 * @param otherwise the load where LOAD_RATE (messages a second) and LOAD_SECONDS do not say another.
 * @param meanwhile what else happens, for the summary.
 */
export function steadyLoad(name: string, otherwise: { rate: number; seconds: number }, meanwhile = "") {
  const rate = numberFrom("LOAD_RATE", otherwise.rate);
  const seconds = numberFrom("LOAD_SECONDS", otherwise.seconds);
  return {
    options: {
      scenarios: { [name]: steady(rate, seconds) },
      thresholds: rateThresholds(rate),
      setupTimeout: "2m",
      teardownTimeout: "6m",
    },
    setup: begin,
    run: (before: Before): void => submitWorkflows(WORKFLOWS_PER_REQUEST, before),
    teardown: end,
    handleSummary: summaries(name, `${rate} messages a second for ${seconds} s${meanwhile}`),
  };
}
