/** `hive validate` as a user runs it: over a real hive, whose agents it kills; with a store that is set up wrongly; and interrupted. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { OwnRedis, storeUrl } from "@agent-hive/testing";
import { Redis } from "ioredis";
import pg from "pg";

/** packages/system-tests/dist → the command. */
const HIVE = join(import.meta.dirname, "..", "..", "..", "apps", "cli", "dist", "main.js");

interface Check {
  id: string;
  state: "held" | "failed" | "skipped";
  severity: "needed" | "advised";
  found?: string;
  remedy?: string;
}

interface Results {
  passed: boolean;
  interrupted: boolean;
  checks: Check[];
}

let outputDir: string;
let command: ChildProcess | undefined;
beforeEach(() => {
  outputDir = mkdtempSync(join(tmpdir(), "hive-validation-"));
});
afterEach(() => {
  command?.kill("SIGKILL"); // if a test gave up on it; its processes go with it
  rmSync(outputDir, { recursive: true, force: true });
});

/** Embedded stores would take longer to start than those of the test run, which it leaves as it found them. */
function validate(redisUrl: string, ...flags: string[]) {
  const stores = ["--database-url", storeUrl("DATABASE_URL"), "--redis-url", redisUrl];
  const args = [HIVE, "validate", "--quick", "--output-dir", outputDir, ...stores, ...flags];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  command = child;
  const output = Promise.all([text(child.stdout), text(child.stderr)]);
  const ended = once(child, "exit").then(async ([code]) => ({
    code: code as number,
    output: (await output).join("\n"),
  }));
  return { child, ended };
}

function results(): Results {
  return JSON.parse(readFileSync(join(outputDir, "validation_results.json"), "utf8")) as Results;
}

/** What the machine is too small or too busy for today is advice, and none of the hive's fault. */
const isWrong = ({ state, severity }: Check): boolean => state !== "held" && severity === "needed";

test("on a sound hive every needed check holds, and nothing is left in the stores", async () => {
  const { code, output } = await validate(storeUrl("REDIS_URL")).ended;

  expect({ wrong: results().checks.filter(isWrong), code }).toEqual({ wrong: [], code: 0 });
  expect(results().checks.map(({ id }) => id)).toEqual(
    expect.arrayContaining(["schema", "group-qa", "workflow-qa", "throughput", "memory", "crash-qa", "invariants"]),
  );
  expect(output).toContain("All needed checks hold");
  expect(await leftovers()).toEqual([]);
}, 120_000);

test("a Redis that may evict streams is found out with the way out, though no engine starts on it", async () => {
  const redis = await OwnRedis.start(["--maxmemory-policy", "allkeys-lru"]);
  try {
    const { code, output } = await validate(redis.url, "--check", "redis-eviction", "redis-persistence", "schema")
      .ended;

    expect(results().checks).toMatchObject([
      { id: "hive-start", state: "failed", found: expect.stringContaining("workflow-engine died") },
      { id: "redis-eviction", state: "failed", found: "maxmemory-policy allkeys-lru" },
      { id: "redis-persistence", state: "held", found: "append-only file" },
      { id: "schema", state: "skipped" },
    ]);
    expect({ code, passed: results().passed }).toEqual({ code: 1, passed: false });
    expect(output).toContain("FAILED: Redis evicts nothing: maxmemory-policy allkeys-lru");
    expect(output).toContain("CONFIG SET maxmemory-policy noeviction");
  } finally {
    await redis.stop();
  }
}, 60_000);

test("Ctrl-C ends it with what is known by then written, and takes all processes with it", async () => {
  const { child, ended } = validate(storeUrl("REDIS_URL"));
  let isInterrupted = false;
  child.stdout.on("data", (chunk: Buffer) => {
    if (isInterrupted || !chunk.toString().includes("Tables and functions")) return;
    isInterrupted = child.kill("SIGINT"); // once: the second would end it there and then
  });
  const { code } = await ended;

  const { interrupted, passed, checks } = results();
  expect({ code, interrupted, passed }).toEqual({ code: 130, interrupted: true, passed: false });
  expect(checks.find(({ id }) => id === "schema")).toMatchObject({ state: "held" });
  expect(checks.at(-1)).toMatchObject({ id: "invariants", state: "skipped" });
  expect(await leftovers()).toEqual([]);
}, 60_000);

/** Databases and keys of runs that are over. */
async function leftovers(): Promise<string[]> {
  const client = new pg.Client({ connectionString: storeUrl("DATABASE_URL") });
  const redis = new Redis(storeUrl("REDIS_URL"));
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      "select datname as name from pg_database where datname like 'hive\\_validation\\_%'",
    );
    return [...rows.map(({ name }) => name), ...(await redis.keys("hive_validation_*"))];
  } finally {
    redis.disconnect();
    await client.end();
  }
}
