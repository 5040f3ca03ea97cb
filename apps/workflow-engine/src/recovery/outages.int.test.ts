import type { RunningService } from "@agent-hive/service-kit";
import { cuttable, type Cuttable, eventually, storeUrl } from "@agent-hive/testing";
import { startHive, type TestHive } from "../test-fixtures/hive.js";

const wide = (count: number) => {
  const tasks = Array.from({ length: count }, (_, i) => ({ id: `t${i}`, agentType: "backend" }));
  return { name: "wide", tasks: [...tasks, { id: "end", agentType: "backend", dependsOn: tasks.map(({ id }) => id) }] };
};
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let hive: TestHive;
let engine: RunningService;
let postgres: Cuttable;
let redis: Cuttable;
beforeAll(async () => {
  const handle = async (): Promise<{ status: "succeeded" }> => {
    await pause(5);
    return { status: "succeeded" };
  };
  hive = await startHive({ handle });
  postgres = await cuttable(hive.database.url);
  redis = await cuttable(storeUrl("REDIS_URL"));
  // The only engine is the one whose ways can be cut; tests look on through PostgreSQL once it can be reached.
  await hive.engine.stop();
  engine = await hive.startEngine({ DATABASE_URL: postgres.url, REDIS_URL: redis.url });
});
afterEach(async () => {
  postgres.mend();
  redis.mend();
  await eventually(
    async () => (await get("/health/ready")).status,
    (status) => status === 200,
  );
});
afterAll(async () => {
  await hive.stop();
  await Promise.all([postgres.close(), redis.close()]);
});

const get = (path: string) => fetch(`${engine.url}${path}`);
const submit = (definition: object) =>
  fetch(`${engine.url}/v1/workflows`, {
    method: "POST",
    body: JSON.stringify(definition),
    headers: { "content-type": "application/json" },
  });
const idOf = async (response: Response) => ((await response.json()) as { id: string }).id;
const workflow = async (id: string) =>
  (await (await get(`/v1/workflows/${id}`)).json()) as { state: string; tasks: { succeeded: number } };

test("with PostgreSQL away requests are asked to come again; results wait, and none is lost", async () => {
  const id = await idOf(await submit(wide(300)));
  await eventually(
    () => workflow(id),
    ({ tasks }) => tasks.succeeded > 30,
  );
  postgres.cut();
  // Of one that was under way when the connection broke nobody knows the outcome; those after it were not stored.
  const refused = await eventually(
    () => submit(wide(1)),
    ({ headers }) => headers.has("retry-after"),
  );
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(await refused.json()).toMatchObject({ code: "STORE_UNAVAILABLE" });
  expect((await get("/health/ready")).status).toBe(503);
  expect((await get("/health/live")).status).toBe(200);
  await pause(300);
  postgres.mend();
  expect(
    await eventually(
      () => workflow(id),
      ({ state }) => state !== undefined && state !== "running", // undefined: it cannot be read yet
    ),
  ).toMatchObject({ state: "succeeded", tasks: { succeeded: 301 } });
  const attempts = (await (await get(`/v1/workflows/${id}/attempts`)).json()) as { attempts: { outcome: string }[] };
  expect(attempts.attempts.map(({ outcome }) => outcome)).toEqual(Array(301).fill("succeeded"));
}, 20_000);

test("with Redis away workflows are accepted, and run when it is back", async () => {
  redis.cut();
  const accepted = await submit(wide(20));
  expect(accepted.status).toBe(201);
  expect((await get("/v1/workflows")).status).toBe(200);
  await pause(200);
  redis.mend();
  const id = await idOf(accepted);
  expect(
    await eventually(
      () => workflow(id),
      ({ state }) => state !== undefined && state !== "running", // undefined: it cannot be read yet
    ),
  ).toMatchObject({ state: "succeeded" });
  expect(
    await eventually(
      async () => (await get("/health/ready")).status,
      (status) => status === 200,
    ),
  ).toBe(200);
}, 20_000);

test("cut off again and again from both, everything finishes once", async () => {
  const id = await idOf(await submit(wide(400)));
  for (let i = 0; i < 6; i++) {
    const way = i % 2 === 0 ? postgres : redis;
    await pause(60);
    way.cut();
    await pause(60);
    way.mend();
  }
  expect(
    await eventually(
      () => workflow(id),
      ({ state }) => state !== undefined && state !== "running", // undefined: it cannot be read yet
      20_000,
    ),
  ).toMatchObject({ state: "succeeded", tasks: { succeeded: 401 } });
}, 30_000);
