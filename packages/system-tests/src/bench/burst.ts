/**
 * How fast a burst of workflows goes through all real services: N times the demonstration's graph of eleven tasks, with
 * `noop` handlers, submitted at once. With `--roofline DIR` every round alternates with a bare pipeline on the same
 * stores: a folder with a `run.mjs N AGENTS` that prints one line of JSON with `tasks_s`.
 *
 *     node packages/system-tests/dist/bench/burst.js [--workflows 500] [--rounds 3] [--slots 64] [--roofline DIR] [--json]
 *
 * Measured from the first byte of the first submission to the last workflow's `finished_at` being visible over HTTP.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { performance } from "node:perf_hooks";
import { parseArgs, promisify } from "node:util";
import pg from "pg";
import { HiveClient } from "@agent-hive/client";
import { EmbeddedStores, HiveLauncher } from "@agent-hive/launcher";
import { elevenTasks } from "../definitions.js";

const TASKS = 11;
const WORKFLOWS_PER_REQUEST = 250;
const GIVE_UP_AFTER_MS = 180_000;

interface Round {
  seconds: number;
  tasksPerSecond: number;
  cpuMicrosecondsPerTask?: Record<string, number>;
  peakRssMegabytes?: Record<string, number>;
}

const { values: options } = parseArgs({
  options: {
    workflows: { type: "string", default: "500" },
    rounds: { type: "string", default: "3" },
    slots: { type: "string", default: "64" },
    agents: { type: "string", default: "1" },
    roofline: { type: "string" },
    json: { type: "boolean", default: false },
  },
});
const workflows = Number(options.workflows);

const stores = await EmbeddedStores.start({ onProgress: tell });
const rounds: { hive: Round; roofline?: Round }[] = [];
try {
  for (let round = 1; round <= Number(options.rounds); round++) {
    const bare = options.roofline === undefined ? undefined : await rooflineRound(options.roofline);
    const hive = await hiveRound(round);
    rounds.push({ hive, ...(bare === undefined ? {} : { roofline: bare }) });
    tell(
      `round ${round}: hive ${Math.round(hive.tasksPerSecond)} tasks/s${bare ? `, roofline ${Math.round(bare.tasksPerSecond)} tasks/s, ratio ${(hive.tasksPerSecond / bare.tasksPerSecond).toFixed(2)}` : ""}`,
    );
  }
} finally {
  await stores.stop();
}
report();

async function hiveRound(round: number): Promise<Round> {
  const database = await createDatabase(`burst_${round}`);
  const hive = await HiveLauncher.start({
    agentsPerType: Number(options.agents),
    stores: { databaseUrl: database, redisUrl: stores.redisUrl },
    env: {
      HIVE_LOAD_HANDLERS: "true",
      HIVE_SLOTS: options.slots,
      HIVE_LOG_LEVEL: "warn",
      HIVE_KEY_PREFIX: `burst_${round}:`,
    },
  });
  try {
    const client = new HiveClient({ engineUrl: hive.engineUrl, timeoutMs: 120_000 });
    await burst(client, 20); // connections, prepared statements, compiled code
    const cpuBefore = cpuByProcess(hive);
    const before = performance.now();
    await burst(client, workflows);
    const seconds = (performance.now() - before) / 1000;
    const tasks = workflows * TASKS;
    const cpu = Object.entries(cpuByProcess(hive)).map(
      ([name, us]) => [name, (us - (cpuBefore[name] ?? 0)) / tasks] as const,
    );
    return {
      seconds,
      tasksPerSecond: tasks / seconds,
      cpuMicrosecondsPerTask: Object.fromEntries(cpu),
      peakRssMegabytes: peakRssByProcess(hive),
    };
  } finally {
    await hive.stop();
  }
}

/** CPU time of every process of the hive so far, in microseconds; the kernel counts in hundredths of a second. */
function cpuByProcess(hive: HiveLauncher): Record<string, number> {
  return Object.fromEntries(
    hive.supervisor.list().map(({ name, pid }) => {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
      return [name, (Number(fields[11]) + Number(fields[12])) * 10_000];
    }),
  );
}

/** The most memory that every process has had resident so far. */
function peakRssByProcess(hive: HiveLauncher): Record<string, number> {
  return Object.fromEntries(
    hive.supervisor.list().map(({ name, pid }) => {
      const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
      return [name, Math.round(Number(peak?.[1]) / 1024)];
    }),
  );
}

async function burst(client: HiveClient, count: number): Promise<void> {
  const definition = elevenTasks("noop");
  const ids = new Set<string>();
  for (let sent = 0; sent < count; sent += WORKFLOWS_PER_REQUEST) {
    const size = Math.min(WORKFLOWS_PER_REQUEST, count - sent);
    const accepted = await client.submitAll(Array.from({ length: size }, () => definition));
    for (const { id } of accepted) ids.add(id);
  }
  const deadline = performance.now() + GIVE_UP_AFTER_MS;
  for (;;) {
    const { workflows: running } = await client.workflows({ state: "running", limit: 1 });
    if (running.length === 0) return;
    if (performance.now() > deadline)
      throw new Error(`Not all of ${count} workflows ended within ${GIVE_UP_AFTER_MS} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

async function rooflineRound(folder: string): Promise<Round> {
  const database = await createDatabase("roof");
  const { stdout } = await promisify(execFile)(process.execPath, ["run.mjs", String(workflows), "1"], {
    cwd: folder,
    env: { ...process.env, RPORT: new URL(stores.redisUrl).port, PGURL: database },
  });
  const result = JSON.parse(stdout.trim().split("\n").at(-1)!) as { s: number; tasks_s: number };
  return { seconds: result.s, tasksPerSecond: result.tasks_s };
}

async function createDatabase(name: string): Promise<string> {
  const client = new pg.Client({ connectionString: stores.databaseUrl });
  await client.connect();
  await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  await client.query(`CREATE DATABASE ${name}`);
  await client.end();
  const url = new URL(stores.databaseUrl);
  url.pathname = `/${name}`;
  return url.href;
}

function report(): void {
  const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
  const hive = median(rounds.map((round) => round.hive.tasksPerSecond));
  const bare = rounds.flatMap((round) => (round.roofline ? [round.roofline.tasksPerSecond] : []));
  const roofline = bare.length > 0 ? median(bare) : undefined;
  const summary = {
    workflows,
    slots: Number(options.slots),
    hiveTasksPerSecond: hive,
    rooflineTasksPerSecond: roofline,
    ratio: roofline && hive / roofline,
    rounds,
  };
  if (options.json) process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
  else {
    process.stdout.write(`${workflows} workflows: ${Math.round(hive)} tasks/s (median of ${rounds.length})`);
    process.stdout.write(
      roofline === undefined
        ? "\n"
        : `, bare pipeline ${Math.round(roofline)}, ratio ${(hive / roofline).toFixed(2)}\n`,
    );
  }
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
