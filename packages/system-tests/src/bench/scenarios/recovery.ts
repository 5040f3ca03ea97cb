/**
 * Agents are killed with SIGKILL under load. Measured from right after the signal to the start of the same attempt in
 * another process, for every delivery that had started; and what the kills cost in throughput.
 */
import { setTimeout as delay } from "node:timers/promises";
import { elevenTasks } from "../../definitions.js";
import type { HivePipeline } from "../hive/hive-pipeline.js";
import { percentile } from "../statistics.js";
import { ClosedLoop, now } from "../workload.js";
import type { HiveScenario } from "./scenario.js";

/** Computes for some 10 ms: long enough for a kill to find tasks running. */
const WORK = { input: { bytes: 10_000_000 } };
const IN_FLIGHT = 10;
const LOOK_EVERY_MS = 10;
const WARM_UP_WORKFLOWS = 20;
/** Before and after each kill, so that the second before one is quiet, and the second after it, too. */
const PAUSE_MS = 1_500;
const DIP_MS = 1_000;

interface Kill {
  incarnation: string | undefined;
  atMs: number;
}

export const recovery: HiveScenario = {
  name: "recovery",
  compared: false,
  leastAgents: 2,
  warmUp: (hive) => new ClosedLoop(hive, elevenTasks("hash", WORK), IN_FLIGHT, LOOK_EVERY_MS).run(WARM_UP_WORKFLOWS),
  async measure(hive, { kills }) {
    const since = await now(hive);
    const load = new ClosedLoop(hive, elevenTasks("hash", WORK), IN_FLIGHT, LOOK_EVERY_MS);
    const loaded = load.run();
    const killed: Kill[] = [];
    try {
      while (killed.length < kills) killed.push(await killBusiest(hive));
    } finally {
      load.stop();
      await loaded;
    }
    const recoveries = await recoveriesOf(hive, killed);
    const dips = await throughputAfter(hive, killed, since);
    return {
      figures: {
        ...(recoveries.length > 0 && { p50Ms: percentile(recoveries, 0.5), p99Ms: percentile(recoveries, 0.99) }),
        recovered: recoveries.length,
        ...(dips.length > 0 && { throughputAfterKillPercent: 100 * percentile(dips, 0.5) }),
      },
    };
  },
};

/** Kills the busiest agent of those that others of their group can take over from, and waits until it is up again. */
async function killBusiest(hive: HivePipeline): Promise<Kill> {
  await delay(PAUSE_MS);
  const groups = (await hive.client.groups()).filter(({ consumers }) => consumers.length > 1);
  const agents = groups.flatMap(({ group, consumers }) => consumers.map((consumer) => ({ ...consumer, group })));
  const [busiest] = agents.sort((one, other) => other.running.length - one.running.length);
  if (!busiest) throw new Error("No group has two agents: there is nobody to take over.");
  const { incarnation, at } = await hive.chaos.crashAgent(busiest.agentId, busiest.group);
  await delay(DIP_MS);
  await hive.launcher.supervisor.start(busiest.agentId);
  return { incarnation, atMs: Date.parse(at) };
}

/** The attempt ends as succeeded by another incarnation; its history also tells when that one began. */
async function recoveriesOf({ database }: HivePipeline, kills: Kill[]): Promise<number[]> {
  const { rows } = await database.query<{ incarnation: string; ms: number }>(
    `select lost.incarnation, 1000 * extract(epoch from done.started_at)::double precision as ms
       from attempt_history lost join attempt_history done using (workflow_id, position, attempt)
      where lost.outcome = 'crashed' and done.outcome = 'succeeded' and done.incarnation <> lost.incarnation`,
  );
  const killedAt = new Map(kills.map(({ incarnation, atMs }) => [incarnation, atMs]));
  return rows.flatMap(({ incarnation, ms }) => {
    const atMs = killedAt.get(incarnation);
    return atMs === undefined ? [] : [ms - atMs];
  });
}

/** Tasks finished in the second after each kill, as a share of those in the second before. */
async function throughputAfter({ database }: HivePipeline, kills: Kill[], since: string): Promise<number[]> {
  const { rows } = await database.query<{ ms: number }>(
    "select 1000 * extract(epoch from finished_at)::double precision as ms from task where finished_at >= $1",
    [since],
  );
  const between = (from: number, to: number) => rows.filter(({ ms }) => ms >= from && ms < to).length;
  return kills.flatMap(({ atMs }) => {
    const before = between(atMs - DIP_MS, atMs);
    return before === 0 ? [] : [between(atMs, atMs + DIP_MS) / before];
  });
}
