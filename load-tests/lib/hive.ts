/** The few calls of the hive's HTTP API that load scenarios make. */
import http from "k6/http";
import { sleep } from "k6";

/** The engine's address: HIVE_URL, as `hive dev` prints it. */
const HIVE_URL = (__ENV.HIVE_URL || "http://127.0.0.1:3000").replace(/\/$/, "");
const TERMINAL_STATES = ["succeeded", "failed", "cancelled"];

export interface TaskDefinition {
  id: string;
  agentType: string;
  handler: string;
  dependsOn: string[];
}

/** Stops the run before it starts when nobody answers at HIVE_URL. */
export function requireHive(): void {
  const response = http.get(`${HIVE_URL}/health/ready`, { tags: { operation: "health" } });
  if (response.status !== 200) {
    throw new Error(
      `No hive is ready at ${HIVE_URL} (${response.error || response.status}). Start one with "npm run dev -- --load-handlers", and set HIVE_URL to its engine.`,
    );
  }
}

/** Submits a workflow; its id, or undefined when it was refused. */
export function submit(name: string, tasks: TaskDefinition[]): string | undefined {
  const response = http.post(`${HIVE_URL}/v1/workflows`, JSON.stringify({ name, tasks }), {
    headers: { "content-type": "application/json" },
    tags: { operation: "submit" },
  });
  if (response.status === 201) return response.json("id") as string;
  console.error(`Submission was answered ${response.status}: ${JSON.stringify(response.body)}`);
  return undefined;
}

/**
 * Looks at a workflow until it is finished.
 *
 * @returns its last state; "running" if `withinMs` was not enough.
 */
export function waitUntilFinished(id: string, withinMs: number, lookEveryMs: number): string {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const response = http.get(`${HIVE_URL}/v1/workflows/${id}`, {
      tags: { operation: "read", name: "/v1/workflows/:id" },
    });
    const state = response.status === 200 ? (response.json("state") as string) : "running";
    if (TERMINAL_STATES.includes(state) || Date.now() > deadline) return state;
    sleep(lookEveryMs / 1000);
  }
}
