import { performance } from "node:perf_hooks";
import type { WorkflowDefinitionInput } from "@agent-hive/contracts";
import { elevenTasks } from "../../definitions.js";
import type { Pipeline } from "../pipeline.js";
import { percentile } from "../statistics.js";
import { finish, latenciesSince, now, warmUpWithBurst } from "../workload.js";
import { TASKS } from "./burst.js";
import type { ComparedScenario } from "./scenario.js";

const WARM_UP_WORKFLOWS = 20;

/** One workflow at a time: from before its submission to its end. */
export const one: ComparedScenario = {
  name: "one",
  compared: true,
  async warmUp(pipeline, options) {
    await warmUpWithBurst(pipeline, options);
    await oneByOne(pipeline, elevenTasks("noop"), WARM_UP_WORKFLOWS, finish);
  },
  async measure(pipeline, { singles }) {
    const since = await now(pipeline);
    const seen = await oneByOne(pipeline, elevenTasks("noop"), singles, finish);
    const stored = await latenciesSince(pipeline, since);
    const figures = {
      p50Ms: percentile(seen, 0.5),
      p99Ms: percentile(seen, 0.99),
      storedP50Ms: percentile(stored, 0.5),
      storedP99Ms: percentile(stored, 0.99),
    };
    if (!pipeline.watch) return { figures, tasks: singles * TASKS };
    const watched = await oneByOne(pipeline, elevenTasks("noop"), singles, (_, id) => pipeline.watch!(id));
    return {
      tasks: 2 * singles * TASKS,
      figures: { ...figures, watchedP50Ms: percentile(watched, 0.5), watchedP99Ms: percentile(watched, 0.99) },
    };
  },
};

/** Milliseconds of each, by the client's clock. */
export async function oneByOne(
  pipeline: Pipeline,
  definition: WorkflowDefinitionInput,
  count: number,
  end: (pipeline: Pipeline, id: string) => Promise<void>,
): Promise<number[]> {
  const latencies: number[] = [];
  while (latencies.length < count) {
    const startedAt = performance.now();
    const [id] = await pipeline.submit(definition, 1);
    await end(pipeline, id!);
    latencies.push(performance.now() - startedAt);
  }
  return latencies;
}
