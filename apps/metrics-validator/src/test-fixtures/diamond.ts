import { randomBytes } from "node:crypto";
import type { PlannedTask, PlannedWorkflow } from "@agent-hive/persistence/encoding";

const RETRY = { maxAttempts: 3, initialDelayMs: 0, factor: 2, maxDelayMs: 0 };

/** A plan of four tasks: `top`, then `left` and `right`, then `bottom`. */
export function diamond(): PlannedWorkflow {
  return {
    id: versionSevenId(),
    name: "diamond",
    priority: 5,
    input: null,
    traceparent: `00-${randomBytes(16).toString("hex")}-${randomBytes(8).toString("hex")}-01`,
    tasks: [
      task("top", "architects", [], [1, 2]),
      task("left", "backend", [0], [3]),
      task("right", "backend", [0], [3]),
      task("bottom", "architects", [1, 2], []),
    ],
  };
}

function task(taskId: string, agentType: string, dependsOn: number[], successors: number[]): PlannedTask {
  const handler = { handler: "noop", requires: [], input: null, timeoutMs: 60_000, retry: RETRY };
  return { taskId, agentType, dependsOn, successors, remainingPath: 3 - dependsOn.length, ...handler };
}

/** Ids that grow with time, as the engine makes them. */
function versionSevenId(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  const random = randomBytes(10).toString("hex");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(0, 3)}-8${random.slice(3, 6)}-${random.slice(6, 18)}`;
}
