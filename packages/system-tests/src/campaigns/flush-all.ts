/**
 * Redis is wiped with N entries in it, under a whole hive: how long until all tasks are back in flight, and whether each is
 * recorded exactly once in the end.
 */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Keys, WorkflowDefinitionInput } from "@agent-hive/contracts";
import { OwnPostgres, OwnRedis } from "@agent-hive/testing";
import { Redis } from "ioredis";
import { Ledger } from "../stores/ledger.js";
import { NotingHive } from "../stores/noting-hive.js";
import { campaign, type Control, type Outcome } from "./campaign.js";

const TASKS_PER_WORKFLOW = 500;
const WORKFLOWS_PER_REQUEST = 20;
const BACK_WITHIN_MS = 3_000;
const LOOK_MS = 10;
const AGENT_TYPES = ["left", "right"];
/** Whoever has no more to show for this long is stuck. */
const STUCK_MS = 60_000;

const FLAGS = {
  entries: { default: 100_000, what: "tasks in Redis when it is wiped" },
  agents: { default: 2, what: "processes of each of two agent types" },
  slots: { default: 512, what: "tasks at once of each" },
  ms: { default: 1_000, what: "milliseconds that a task takes after the wipe" },
};

await campaign({ name: "flush-all", what: "FLUSHALL with many entries in Redis.", flags: FLAGS, run });

async function run(
  { entries, agents, slots, ms }: Record<keyof typeof FLAGS, number>,
  control: Control,
): Promise<Outcome> {
  const [postgres, redis] = await Promise.all([OwnPostgres.start(), OwnRedis.start()]);
  const noting = await NotingHive.start({
    stores: { databaseUrl: postgres.url, redisUrl: redis.url },
    agents,
    slots,
    env: { HIVE_WINDOW_MINIMUM: String(entries), HIVE_LOG_LEVEL: "warn" },
  });
  const ledger = await Ledger.open(noting.hive.databaseUrl);
  const look = new Redis(redis.url);
  try {
    const dispatched = () => routed(look, noting.hive.keys);
    control.tell(`submitting ${entries} tasks`);
    await submit(noting, entries, ms);
    await until(dispatched, entries, control, "dispatched");
    const holding = noting.runs().length;
    const cpuBefore = cpuSecondsOf(noting);
    await look.flushall();
    const since = performance.now();
    const tookMs = await until(dispatched, entries, control, "dispatched again", since);
    const cpuSeconds = cpuSecondsOf(noting, cpuBefore);
    control.tell(`all are back after ${Math.round(tookMs)} ms; waiting for the end`);
    await until(async () => entries - (await unfinished(ledger)), entries, control, "finished");
    const outcomes = await ledger.outcomes();
    const runs = noting.runs();
    return {
      measures: [{ name: "all back in flight", measured: tookMs, limit: BACK_WITHIN_MS, unit: "ms" }],
      violations: [...(await ledger.violations()), ...judge(outcomes, entries)],
      figures: {
        tookMs,
        cpuSeconds,
        perSecond: (entries * 1000) / tookMs,
        outcomes,
        runs: runs.length,
        runningWhenWiped: holding,
      },
      ...(control.signal.aborted && { void: "it was ended early" }),
    };
  } finally {
    look.disconnect();
    await ledger.close();
    await noting.stop();
    await Promise.all([postgres.stop(), redis.stop()]);
  }
}

async function submit({ hive }: NotingHive, tasks: number, ms: number): Promise<void> {
  const sizes = Array.from({ length: Math.ceil(tasks / TASKS_PER_WORKFLOW) }, (_, i) =>
    Math.min(TASKS_PER_WORKFLOW, tasks - i * TASKS_PER_WORKFLOW),
  );
  for (let at = 0; at < sizes.length; at += WORKFLOWS_PER_REQUEST) {
    await hive.client.submitAll(sizes.slice(at, at + WORKFLOWS_PER_REQUEST).map((size) => parallel(size, ms)));
  }
}

/** Independent tasks whose first attempt never ends by itself: all of them wait in Redis until it is wiped. */
function parallel(size: number, ms: number): WorkflowDefinitionInput {
  const task = (_: unknown, i: number) => ({
    id: `t${i}`,
    agentType: AGENT_TYPES[i % AGENT_TYPES.length]!,
    handler: "note",
    input: { firstMs: 3_600_000, ms },
    timeoutMs: 3_600_000,
  });
  return { name: `parallel-${size}`, tasks: Array.from({ length: size }, task) };
}

/** Processor time of each process of the hive, less what it had used before; the kernel counts in hundredths of a second. */
function cpuSecondsOf({ hive }: NotingHive, before: Record<string, number> = {}): Record<string, number> {
  return Object.fromEntries(
    hive.launcher.supervisor.list().map(({ name, pid }) => {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
      return [name, (Number(fields[11]) + Number(fields[12])) / 100 - (before[name] ?? 0)];
    }),
  );
}

/** Resolves with the time since `since` at which the count reached the goal. */
async function until(
  count: () => Promise<number>,
  goal: number,
  { tell, signal }: Control,
  what: string,
  since = performance.now(),
): Promise<number> {
  let [seen, movedMs, toldMs] = [0, performance.now(), performance.now()];
  for (;;) {
    const now = await count();
    if (now >= goal) return performance.now() - since;
    if (now !== seen) movedMs = performance.now();
    if (signal.aborted || performance.now() - movedMs > STUCK_MS) throw new Error(`${now} of ${goal} ${what}.`);
    if (performance.now() - toldMs > 2_000) {
      toldMs = performance.now();
      tell(`${now} of ${goal} ${what}`);
    }
    seen = now;
    await delay(LOOK_MS);
  }
}

/** Tasks that ever came to the agents' streams, where each is an entry of its own, since these were made. */
async function routed(redis: Redis, keys: Keys): Promise<number> {
  const counts = AGENT_TYPES.map((agentType) => entriesAdded(redis, keys.stream(`agent_messages:${agentType}`)));
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

/** Entries that were ever added to a stream since it was made; 0 while there is none. */
async function entriesAdded(redis: Redis, stream: string): Promise<number> {
  const info = (await redis.xinfo("STREAM", stream).catch(() => [])) as unknown[];
  const at = info.indexOf("entries-added");
  return at < 0 ? 0 : Number(info[at + 1]);
}

async function unfinished(ledger: Ledger): Promise<number> {
  const [row] = await ledger.rows<{ n: number }>(
    "select coalesce(sum(total - succeeded), 0)::integer as n from workflow where state = 'running'",
  );
  return row!.n;
}

/** Everything in flight is lost once, with its attempt, and recorded once. */
function judge({ succeeded = 0, lost = 0, ...others }: Record<string, number>, entries: number): string[] {
  const wrong = Object.entries(others).map(([outcome, count]) => `${count} attempts ended as ${outcome}`);
  if (succeeded !== entries) wrong.push(`${succeeded} of ${entries} tasks were recorded as succeeded`);
  if (lost !== entries) wrong.push(`${lost} of ${entries} attempts were recorded as lost`);
  return wrong;
}
