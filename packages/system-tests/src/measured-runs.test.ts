/**
 * A whole hive under strikes, measured from outside: everything that the validator recomputes from the records of real
 * processes agrees with what they publish, and no invariant is violated (I1 to I8, I11).
 */
import { randomUUID } from "node:crypto";
import type { ActRecord } from "@agent-hive/chaos";
import { measurementSchema, type Act, type Measurement } from "@agent-hive/measurement";
import { elevenTasks } from "./definitions.js";
import { TestHive } from "./test-hive.js";

const WORKFLOWS = 12;
const KILLS = 3;
/** About 15 ms of hashing a task. */
const WORK = { input: { bytes: 10_000_000 } };
const VALIDATOR = "metrics-validator";

let hive: TestHive;
let url: string;

beforeAll(async () => {
  hive = await TestHive.start();
  await hive.launcher.add({ name: VALIDATOR, service: VALIDATOR });
  const { port } = hive.launcher.supervisor.list().find(({ name }) => name === VALIDATOR)!;
  url = `http://127.0.0.1:${port}/v1/runs`;
}, 120_000);

afterAll(() => hive?.stop(), 60_000);

async function ask<T>(path: string, body?: object): Promise<T> {
  const init = { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  const response = await fetch(`${url}${path}`, body === undefined ? {} : init);
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as T;
}

/** What the process held is left to the history to tell. */
function actOf({ act, agentId, group, incarnation, at, moment }: ActRecord): Act {
  const kind = act === "freeze" ? "freeze" : "crash";
  return {
    kind,
    agentId,
    incarnation: incarnation!,
    agentType: moment!.agentType,
    group,
    atMs: Date.parse(at),
    held: [],
  };
}

async function runUnderStrikes(): Promise<Act[]> {
  const kills = hive.chaos.arm({ taskId: "api_development", act: "crash", moment: "started", count: KILLS });
  const freeze = hive.chaos.arm({ taskId: "dashboard", act: "freeze", moment: "started" });
  await Promise.all([kills.armed, freeze.armed]);
  const submitted = await Promise.all(
    Array.from({ length: WORKFLOWS }, () =>
      hive.client.submit(elevenTasks("hash", WORK), { idempotencyKey: randomUUID() }),
    ),
  );
  for (const { id } of submitted) expect((await hive.ended(id)).state).toBe("succeeded");
  return [...(await kills.done), ...(await freeze.done)].map(actOf);
}

test("a run with kills and a freeze is measured, and everything holds", async () => {
  const { id } = await ask<{ id: string }>("", { name: "strikes", events: true });
  const acts = await runUnderStrikes();
  await ask(`/${id}/acts`, { acts });
  // A lost delivery may be recorded a moment after the workflow's end.
  await hive.until(
    "the recovery of every strike",
    () => ask<Measurement>(`/${id}`),
    ({ recoveries }) => new Set(recoveries.map(({ incarnation }) => incarnation)).size === KILLS + 1,
  );
  const measured = measurementSchema.parse(await ask(`/${id}/end`, { atRest: true }));

  expect(measured.invariants.filter(({ holds }) => !holds)).toEqual([]);
  expect(measured.completion).toEqual({ workflows: WORKFLOWS, succeeded: WORKFLOWS, rate: 1 });
  expect(measured.tasks).toHaveLength(11 * WORKFLOWS);
  for (const { noticedMs, claimedMs, runningMs, recordedMs } of measured.recoveries) {
    expect([noticedMs, claimedMs, runningMs, recordedMs]).not.toContain(null);
    expect(runningMs).toBeLessThan(30_000);
  }
  expect(measured.processes.map(({ service }) => service)).toEqual(
    expect.arrayContaining(["workflow-engine", "router"]),
  );
  expect(measured.throughput.messagesPerSecond).toBeGreaterThan(measured.throughput.tasksPerSecond);
  expect(measured.absent).toEqual([]);
}, 120_000);
