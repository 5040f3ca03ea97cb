import { performance } from "node:perf_hooks";
import { elevenTasks } from "../../definitions.js";
import { percentile } from "../statistics.js";
import { ClosedLoop, latenciesSince, now, warmUpWithBurst } from "../workload.js";
import { TASKS } from "./burst.js";
import type { ComparedScenario } from "./scenario.js";

const LOOK_EVERY_MS = 2;

/** A steady number of workflows in flight, each replaced when it has finished, until so many have. */
export const inFlight: ComparedScenario = {
  name: "in-flight",
  compared: true,
  warmUp: warmUpWithBurst,
  async measure(pipeline, { inFlight: size, workflows }) {
    const loop = new ClosedLoop(pipeline, elevenTasks("noop"), size, LOOK_EVERY_MS);
    const since = await now(pipeline);
    const startedAt = performance.now();
    await loop.run(workflows);
    const seconds = (performance.now() - startedAt) / 1000;
    const stored = await latenciesSince(pipeline, since);
    return {
      tasks: workflows * TASKS,
      figures: {
        tasksPerSecond: (workflows * TASKS) / seconds,
        p50Ms: percentile(loop.latencies, 0.5),
        p99Ms: percentile(loop.latencies, 0.99),
        storedP50Ms: percentile(stored, 0.5),
        storedP99Ms: percentile(stored, 0.99),
      },
    };
  },
};
