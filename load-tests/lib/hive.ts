/** The few calls of the hive's HTTP API that load scenarios make. */
import http, { type RefinedResponse } from "k6/http";
import { sleep } from "k6";

/** The engine's address: HIVE_URL, as `hive dev` prints it. */
const HIVE_URL = (__ENV.HIVE_URL || "http://127.0.0.1:3000").replace(/\/$/, "");
const KEY: Record<string, string> = __ENV.HIVE_API_KEY ? { authorization: `Bearer ${__ENV.HIVE_API_KEY}` } : {};
const TERMINAL_STATES = ["succeeded", "failed", "cancelled"];
/** An engine that is being replaced is back by then; until then a client asks again, as any would. */
const ASK_AGAIN_FOR_MS = 30_000;
const ASK_AGAIN_EVERY_MS = 200;

export interface TaskDefinition {
  id: string;
  agentType: string;
  handler: string;
  dependsOn: string[];
}

/** Counts over everything that the engine has recorded. */
export interface Statistics {
  workflows: Record<string, number>;
  tasks: { succeeded: number; live: number };
}

/** Stops the run before it starts when nobody answers at HIVE_URL, or HIVE_API_KEY is not what it should be. */
export function requireHive(): void {
  const response = http.get(`${HIVE_URL}/health/ready`, { tags: { operation: "health" } });
  if (response.status !== 200) {
    throw new Error(
      `No hive is ready at ${HIVE_URL} (${response.error || response.status}). Start one with "npm run dev -- --load-handlers", and set HIVE_URL to its engine.`,
    );
  }
  const refused = http.get(`${HIVE_URL}/v1/workflows?limit=1`, { headers: KEY, tags: { operation: "health" } });
  if (refused.status === 401 || refused.status === 403) {
    throw new Error(
      `${HIVE_URL} does not take the API key (${refused.status}). Set HIVE_API_KEY to one that may write.`,
    );
  }
}

/**
 * Submits one workflow, or many in one request. Asks again while no engine answers, with the same key, so that nothing is
 * submitted twice.
 *
 * @param body JSON text: a workflow, or an array of them.
 * @param key tells this submission from all others.
 * @returns the ids; undefined when it was refused, or nobody answered for 30 s.
 */
export function submit(body: string, key: string): string[] | undefined {
  const headers = { ...KEY, "content-type": "application/json", "idempotency-key": key };
  const deadline = Date.now() + ASK_AGAIN_FOR_MS;
  for (;;) {
    const response = http.post(`${HIVE_URL}/v1/workflows`, body, { headers, tags: { operation: "submit" } });
    if (response.status === 201) return idsOf(response);
    const isPassing = response.status === 0 || response.status === 429 || response.status === 503;
    if (!isPassing || Date.now() > deadline) {
      console.error(`Submission was answered ${response.status}: ${JSON.stringify(response.body)}`);
      return undefined;
    }
    sleep(ASK_AGAIN_EVERY_MS / 1000);
  }
}

function idsOf(response: RefinedResponse<"text">): string[] {
  const answer = response.json() as { id: string } | { workflows: { id: string }[] };
  return "workflows" in answer ? answer.workflows.map(({ id }) => id) : [answer.id];
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
      headers: KEY,
      tags: { operation: "read", name: "/v1/workflows/:id" },
    });
    const state = response.status === 200 ? (response.json("state") as string) : "running";
    if (TERMINAL_STATES.includes(state) || Date.now() > deadline) return state;
    sleep(lookEveryMs / 1000);
  }
}

/** What is recorded by now; undefined while no engine answers. */
export function statistics(): Statistics | undefined {
  const response = http.get(`${HIVE_URL}/v1/statistics`, {
    headers: KEY,
    timeout: "60s",
    tags: { operation: "statistics" },
  });
  return response.status === 200 ? (response.json() as unknown as Statistics) : undefined;
}
