import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { runMigrations, schemaFingerprint } from "@agent-hive/persistence";
import { createTestDatabase, createTestRedis, type TestDatabase, type TestRedis } from "@agent-hive/testing";
import pg from "pg";

const PROGRAM = join(import.meta.dirname, "..", "..", "..", "apps", "cli", "dist", "main.js");

let database: TestDatabase;
let redis: TestRedis;
beforeEach(async () => {
  database = await createTestDatabase({ fingerprint: schemaFingerprint(), migrate: (url) => runMigrations(url) });
  redis = await createTestRedis();
});
afterEach(async () => {
  await redis.close();
  await database.drop();
});

interface Told {
  exitCode: number | null;
  passed: boolean;
  /** What each check came to. */
  states: Record<string, string>;
  found: Record<string, string>;
}

/** What `hive doctor` tells of stores that no hive uses. */
function doctor(env: NodeJS.ProcessEnv = {}): Told {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [PROGRAM, "doctor", "--json", "--state-dir", "/nowhere"],
    {
      encoding: "utf8",
      env: {
        PATH: process.env["PATH"],
        DATABASE_URL: database.url,
        REDIS_URL: redis.url,
        HIVE_KEY_PREFIX: redis.prefix,
        ...env,
      },
    },
  );
  if (stdout === "") throw new Error(stderr);
  const { checks, passed } = JSON.parse(stdout) as {
    checks: { id: string; state: string; found?: string; reason?: string }[];
    passed: boolean;
  };
  return {
    exitCode: status,
    passed,
    states: Object.fromEntries(checks.map(({ id, state }) => [id, state])),
    found: Object.fromEntries(checks.map(({ id, found, reason }) => [id, found ?? reason ?? ""])),
  };
}

async function inDatabase(statement: string, values: unknown[] = []): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(statement, values);
  await client.end();
}

/** A running workflow with one task that was dispatched a day ago. */
async function dispatchedYesterday(): Promise<string> {
  const id = randomUUID();
  await inDatabase(
    `insert into workflow (id, created_at, total, priority, name, traceparent) values ($1, now(), 1, 0, 'w', '')`,
    [id],
  );
  await inDatabase(
    `insert into task (workflow_id, position, open_dependencies, attempt, dispatched_at, remaining_path, factor, timeout_ms,
       max_attempts, initial_delay_ms, max_delay_ms, state, priority, task_id, agent_type, handler, requires, successors)
     values ($1, 0, 0, 1, now() - interval '1 day', 1, 2, 1000, 3, 100, 1000, 'dispatched', 0, 't', 'backend', 'noop', '{}', '{}')`,
    [id],
  );
  return id;
}

test("stores as they should be are told so, and what cannot be looked at is left out", () => {
  const told = doctor();
  expect(told).toMatchObject({ exitCode: 0, passed: true });
  expect(told.states).toMatchObject({
    settings: "held",
    "postgres-version": "held",
    "postgres-durability": expect.any(String),
    "redis-eviction": "held",
    schema: "held",
    "overdue-tasks": "held",
    "unknown-tasks": "held",
    "dead-letters": "held",
    services: "skipped",
    groups: "skipped",
  });
});

test("work that is stuck is found: late, and unknown to Redis until Redis knows of it", async () => {
  const id = await dispatchedYesterday();
  const told = doctor();
  expect(told).toMatchObject({ exitCode: 1, passed: false });
  expect(told.found["overdue-tasks"]).toBe(`1, for example of workflow ${id}`);
  expect(told.found["unknown-tasks"]).toBe(`1 of 1 are not, for example ${id}:0`);
  await redis.client.hset(`${redis.prefix}hive:in_flight:backend`, `${id}:0`, "1");
  expect(doctor().states).toMatchObject({ "unknown-tasks": "held", "overdue-tasks": "failed" });
});

test("dead letters are told, and do not decide", async () => {
  await inDatabase(
    `insert into dead_letter (reason, message, stream, entry_id, fields, created_at) values ('POISON', 'x', 's', '1-1', '{}', now())`,
  );
  const told = doctor();
  expect(told.found["dead-letters"]).toBe("1 POISON");
  expect(told.exitCode).toBe(0);
});

test("an old schema is found", async () => {
  await inDatabase("update hive_state set functions_sha256 = 'another'");
  expect(doctor()).toMatchObject({ exitCode: 1, states: { schema: "failed" } });
});

test("with a store away the other is looked at all the same", () => {
  const withoutRedis = doctor({ REDIS_URL: "redis://127.0.0.1:1" });
  expect(withoutRedis).toMatchObject({
    exitCode: 1,
    states: { "redis-version": "failed", clocks: "failed", "postgres-version": "held", schema: "held" },
  });
  const withoutPostgres = doctor({ DATABASE_URL: "postgres://hive@127.0.0.1:1/hive" });
  expect(withoutPostgres).toMatchObject({
    exitCode: 1,
    states: { "postgres-version": "failed", schema: "failed", "redis-version": "held" },
  });
});

test("services that do not answer, and settings that cannot be used, are found", () => {
  const told = doctor({
    HIVE_URL: "http://127.0.0.1:1",
    HIVE_COORDINATOR_URL: "http://127.0.0.1:1",
    HIVE_SLOTS: "many",
  });
  expect(told).toMatchObject({ exitCode: 1, states: { services: "failed", groups: "failed", settings: "failed" } });
  expect(told.found["settings"]).toContain("HIVE_SLOTS");
});
