/**
 * PostgreSQL is stopped at once and started again every few seconds under load: how long until results are recorded again,
 * and whether each is recorded exactly once.
 */
import { setTimeout as delay } from "node:timers/promises";
import { OwnPostgres, OwnRedis } from "@agent-hive/testing";
import { Feeder } from "../stores/feeder.js";
import { Ledger } from "../stores/ledger.js";
import { crossing, NotingHive } from "../stores/noting-hive.js";
import { campaign, percentile, type Control, type Outcome } from "./campaign.js";

const RESUMES_WITHIN_MS = 1_000;
/** How long after its return PostgreSQL is asked what was recorded first. */
const ASK_AFTER_MS = 2_500;
const END_WITHIN_MS = 180_000;

const FLAGS = {
  minutes: { default: 5, what: "how long" },
  "every-min": { default: 5, what: "shortest time between two restarts, in seconds" },
  "every-max": { default: 10, what: "longest" },
  "down-max": { default: 1, what: "longest time that it stays down, in seconds" },
  agents: { default: 2, what: "processes of each of two agent types" },
  width: { default: 20, what: "each workflow has twice so many tasks and one" },
  every: { default: 100, what: "milliseconds between two submissions" },
};
type Flags = Record<keyof typeof FLAGS, number>;

await campaign({ name: "postgres-restarts", what: "Restarts of PostgreSQL under load.", flags: FLAGS, run });

async function run(flags: Flags, control: Control): Promise<Outcome> {
  const [postgres, redis] = await Promise.all([OwnPostgres.start(), OwnRedis.start()]);
  const noting = await NotingHive.start({
    stores: { databaseUrl: postgres.url, redisUrl: redis.url },
    agents: flags.agents,
    env: { HIVE_LOG_LEVEL: "warn" },
  });
  const feeder = new Feeder(noting.hive.client, "load", () => crossing(flags.width, 5), flags.every);
  try {
    feeder.start();
    const resumed = await restarts(postgres, noting.hive.databaseUrl, flags, control);
    await feeder.stop();
    const ledger = await Ledger.open(noting.hive.databaseUrl);
    const violations = await ledger.judge({
      workflows: feeder.accepted.size,
      tasks: feeder.tasks,
      withinMs: END_WITHIN_MS,
    });
    const outcomes = await ledger.outcomes();
    await ledger.close();
    const measure = (name: string, measured: number) => ({ name, measured, limit: RESUMES_WITHIN_MS, unit: "ms" });
    return {
      measures: [
        measure("work resumes, p95", percentile(resumed, 0.95)),
        measure("work resumes, worst", Math.max(0, ...resumed)),
      ],
      violations,
      figures: {
        restarts: resumed.length,
        resumedMs: { p50: percentile(resumed, 0.5), p95: percentile(resumed, 0.95), worst: Math.max(0, ...resumed) },
        workflows: feeder.accepted.size,
        tasks: feeder.tasks,
        outcomes,
        runs: noting.runs().length,
      },
      ...(resumed.length === 0 && { void: "PostgreSQL was not restarted once while there was work" }),
    };
  } finally {
    await feeder.stop();
    await noting.stop();
    await Promise.all([postgres.stop(), redis.stop()]);
  }
}

/** @returns of each restart, how long after PostgreSQL accepted connections the first result was recorded. */
async function restarts(
  postgres: OwnPostgres,
  databaseUrl: string,
  flags: Flags,
  { tell, signal, random }: Control,
): Promise<number[]> {
  const resumed: number[] = [];
  const until = performance.now() + flags.minutes * 60_000;
  const between = (least: number, most: number): number => (least + (most - least) * random()) * 1_000;
  while (performance.now() < until && !signal.aborted) {
    await postgres.crash();
    await delay(between(0, flags["down-max"]));
    await postgres.start();
    const acceptingAt = new Date();
    await delay(ASK_AFTER_MS);
    const ms = await firstRecordedAfter(databaseUrl, acceptingAt);
    resumed.push(ms);
    tell(`restart ${resumed.length}: results recorded again after ${Math.round(ms)} ms`);
    const rest = between(flags["every-min"], flags["every-max"]) - ASK_AFTER_MS;
    await delay(Math.max(0, rest), undefined, { signal }).catch(() => undefined);
  }
  return resumed;
}

/** in milliseconds; infinite if there is none yet. */
async function firstRecordedAfter(databaseUrl: string, at: Date): Promise<number> {
  const ledger = await Ledger.open(databaseUrl);
  try {
    const [row] = await ledger.rows<{ ms: number | null }>(
      `select (extract(epoch from min(recorded_at) - $1::timestamptz) * 1000)::float8 as ms
       from attempt_history where recorded_at > $1`,
      [at],
    );
    return row!.ms ?? Infinity;
  } finally {
    await ledger.close();
  }
}
