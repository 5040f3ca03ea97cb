import { performance } from "node:perf_hooks";
import { elevenTasks } from "../../definitions.js";
import { percentile } from "../statistics.js";
import { finishAll, latenciesSince, now, submitAll, warmUpWithBurst } from "../workload.js";
import type { ComparedScenario } from "./scenario.js";

export const TASKS = 11;
export const MESSAGES_PER_TASK = 3;

/** Many workflows at once: from the first byte of the first submission to the look that finds all finished. */
export const burst: ComparedScenario = {
  name: "burst",
  compared: true,
  warmUp: warmUpWithBurst,
  async measure(pipeline, { workflows }) {
    const since = await now(pipeline);
    const startedAt = performance.now();
    await submitAll(pipeline, elevenTasks("noop"), workflows);
    await finishAll(pipeline);
    const seconds = (performance.now() - startedAt) / 1000;
    const latencies = await latenciesSince(pipeline, since);
    const tasks = workflows * TASKS;
    return {
      tasks,
      figures: {
        messagesPerSecond: (tasks * MESSAGES_PER_TASK) / seconds,
        tasksPerSecond: tasks / seconds,
        workflowsPerSecond: workflows / seconds,
        p50Ms: percentile(latencies, 0.5),
        p99Ms: percentile(latencies, 0.99),
      },
    };
  },
};
