import { fanOut as definitionOf } from "../../definitions.js";
import { percentile } from "../statistics.js";
import { finish, warmUpWithBurst } from "../workload.js";
import { oneByOne } from "./one.js";
import type { ComparedScenario } from "./scenario.js";

const WIDTH = 1_000;
const WARM_UP_WORKFLOWS = 5;

/** One task, then a thousand, then one: a workflow at a time. */
export const fanOut: ComparedScenario = {
  name: "fan-out",
  compared: true,
  async warmUp(pipeline, options) {
    await warmUpWithBurst(pipeline, options);
    await oneByOne(pipeline, definitionOf(WIDTH), WARM_UP_WORKFLOWS, finish);
  },
  async measure(pipeline, { fanOuts }) {
    const latencies = await oneByOne(pipeline, definitionOf(WIDTH), fanOuts, finish);
    return {
      tasks: fanOuts * (WIDTH + 2),
      figures: { p50Ms: percentile(latencies, 0.5), worstMs: Math.max(...latencies) },
    };
  },
};
