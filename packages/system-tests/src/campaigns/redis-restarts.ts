/**
 * Redis is killed and started again with its data, and then all connections to it are killed, again and again, under light
 * work: how long each reader takes to read again, and whether anything was lost or repeated.
 */
import { setTimeout as delay } from "node:timers/promises";
import { OwnPostgres, OwnRedis } from "@agent-hive/testing";
import { Feeder } from "../stores/feeder.js";
import { Ledger } from "../stores/ledger.js";
import { crossing, NotingHive } from "../stores/noting-hive.js";
import { Readers } from "../stores/readers.js";
import { campaign, percentile, type Control, type Outcome } from "./campaign.js";

const READING_WITHIN_MS = 1_000;
/** Whoever does not read by then never will. */
const GIVE_UP_MS = 30_000;
const END_WITHIN_MS = 120_000;

const FLAGS = {
  restarts: { default: 500, what: "times that Redis is killed and started again" },
  kills: { default: 500, what: "times that all connections are killed" },
  agents: { default: 2, what: "processes of each of two agent types" },
  every: { default: 100, what: "milliseconds between two submissions of nine tasks" },
};
type Flags = Record<keyof typeof FLAGS, number>;

await campaign({ name: "redis-restarts", what: "Restarts of Redis, and storms of CLIENT KILL.", flags: FLAGS, run });

async function run(flags: Flags, control: Control): Promise<Outcome> {
  const [postgres, redis] = await Promise.all([OwnPostgres.start(), OwnRedis.start()]);
  const noting = await NotingHive.start({
    stores: { databaseUrl: postgres.url, redisUrl: redis.url },
    agents: flags.agents,
    env: { HIVE_LOG_LEVEL: "warn" },
  });
  const readers = new Readers(redis.url);
  const ledger = await Ledger.open(noting.hive.databaseUrl);
  const feeder = new Feeder(noting.hive.client, "light", () => crossing(4, 10), flags.every);
  try {
    feeder.start();
    const expected = 2 + 2 * flags.agents;
    const restart = async (): Promise<number> => {
      await redis.kill();
      const [since] = await Promise.all([readers.answering(), redis.start()]);
      return since;
    };
    const killAll = async (): Promise<number> => {
      await readers.killConnections();
      return performance.now();
    };
    const restarts = await rounds(
      "restart",
      flags.restarts,
      restart,
      { readers, expected, isNewServer: true },
      control,
    );
    const kills = await rounds("kill", flags.kills, killAll, { readers, expected, isNewServer: false }, control);
    await feeder.stop();
    const violations = await judge(noting, ledger, feeder);
    return {
      measures: [...measuresOf("after a restart", restarts), ...measuresOf("after all connections were killed", kills)],
      violations,
      figures: {
        restarts: { rounds: restarts.length, ...spread(restarts) },
        kills: { rounds: kills.length, ...spread(kills) },
        workflows: feeder.accepted.size,
        tasks: feeder.tasks,
      },
      ...(control.signal.aborted && { void: "it was ended early" }),
    };
  } finally {
    await feeder.stop();
    readers.close();
    await ledger.close();
    await noting.stop();
    await Promise.all([postgres.stop(), redis.stop()]);
  }
}

interface Round {
  readers: Readers;
  expected: number;
  isNewServer: boolean;
}

/** @returns of each round, how long its slowest reader took. */
async function rounds(
  what: string,
  count: number,
  strike: () => Promise<number>,
  { readers, expected, isNewServer }: Round,
  { tell, signal, random }: Control,
): Promise<number[]> {
  const worst: number[] = [];
  for (let round = 1; round <= count && !signal.aborted; round++) {
    while ((await readers.remember()).length < expected) await delay(5);
    await delay(100 + 200 * random()); // not always at the same point of everybody's blocking read
    const { worstMs } = await readers.revived(await strike(), GIVE_UP_MS, isNewServer);
    worst.push(worstMs);
    if (round % 10 === 0) tell(`${what} ${round} of ${count}, ${describe(worst)}`);
  }
  return worst;
}

/** Nothing of it is a crash, and with the epoch kept nothing is repeated. */
async function judge(noting: NotingHive, ledger: Ledger, feeder: Feeder): Promise<string[]> {
  const wrong = await ledger.judge({ workflows: feeder.accepted.size, tasks: feeder.tasks, withinMs: END_WITHIN_MS });
  const { succeeded: _, ...others } = await ledger.outcomes();
  for (const [outcome, count] of Object.entries(others)) wrong.push(`${count} attempts ended as ${outcome}`);
  const runs = noting.runs().length;
  if (runs !== feeder.tasks) wrong.push(`${runs} calls of handlers for ${feeder.tasks} tasks`);
  const dead = (await noting.hive.client.verdicts()).filter(({ kind }) => kind !== "left");
  return [...wrong, ...dead.map(({ agentId, kind, evidence }) => `${agentId} was declared dead, ${kind}: ${evidence}`)];
}

function measuresOf(when: string, worst: readonly number[]): Outcome["measures"] {
  if (worst.length === 0) return [];
  return [{ name: `slowest reader ${when}`, measured: Math.max(...worst), limit: READING_WITHIN_MS, unit: "ms" }];
}

function spread(values: readonly number[]): { p50: number; p99: number; worst: number } {
  return { p50: percentile(values, 0.5), p99: percentile(values, 0.99), worst: Math.max(0, ...values) };
}

function describe(values: readonly number[]): string {
  const { p50, p99, worst } = spread(values);
  return `slowest reader: p50 ${Math.round(p50)}, p99 ${Math.round(p99)}, worst ${Math.round(worst)} ms`;
}
