import { randomUUID } from "node:crypto";
import { loadTargets, type Target } from "@agent-hive/measurement";
import { judged, type Bench, type Check, type Finding } from "../check.js";
import type { Figure } from "../validation-results.js";
import { until } from "../waiting.js";
import { elevenTasks } from "../workload.js";

const WORKFLOWS = { quick: 200, full: 1_000 };
/** Before them code is not compiled yet, and pools are not filled. */
const WARM_UP_WORKFLOWS = 50;
const WORKFLOWS_PER_REQUEST = 250;
/** A dispatch, a delivery and a result. */
const MESSAGES_PER_TASK = 3;
const FINISHED_WITHIN_MS = 120_000;

/** Workflows that were submitted together, and how long they took. */
export interface Burst {
  workflows: number;
  succeeded: number;
  tasks: number;
  seconds: number;
  /** Tasks that all agents together can run at once. */
  slots: number;
}

/**
 * Messages through all services, of many workflows at once. It is a glimpse, and lower than what the hive can do: events are
 * told and kept meanwhile, and agents that simulate crashes ask Redis for orders twice a task. For how fast the hive is
 * there is the benchmark.
 */
export const throughputCheck: Check = {
  id: "throughput",
  title: "Messages through all services, in a burst of workflows",
  severity: "advised",
  wanted: `all workflows succeed, at ${target().floor} messages/s or more (aim ${target().aim})`,
  run: async (bench) => {
    await burst(bench, WARM_UP_WORKFLOWS);
    bench.tell("warmed up");
    return judgeBurst(await burst(bench, bench.quick ? WORKFLOWS.quick : WORKFLOWS.full), target());
  },
};

export function judgeBurst(
  { workflows, succeeded, tasks, seconds, slots }: Burst,
  { floor, aim }: Pick<Target, "floor" | "aim">,
): Finding {
  const messagesPerSecond = Math.round((tasks * MESSAGES_PER_TASK) / seconds);
  const isAimMet = aim !== null && messagesPerSecond >= aim;
  const figures: Figure[] = [
    { name: "messages through all services", value: messagesPerSecond, unit: "1/s" },
    { name: "workflows", value: workflows, unit: "1" },
    { name: "slots", value: slots, unit: "1" },
  ];
  const found = `${messagesPerSecond} messages/s, ${succeeded} of ${workflows} workflows succeeded in ${seconds.toFixed(1)} s, with ${slots} slots`;
  if (succeeded < workflows) {
    return judged(
      false,
      found,
      "See the workflows that failed: GET /v1/workflows?state=failed of the engine.",
      figures,
    );
  }
  return judged(
    floor === null || messagesPerSecond >= floor,
    `${found}${isAimMet ? " (aim met)" : ""}`,
    `It is below ${floor}: end what else needs the processors and the disk, and give agents more HIVE_SLOTS, in which tasks wait beside each other. How fast the hive is where no crashes are simulated: npm run bench -- --quick`,
    figures,
  );
}

async function burst({ client, stores, signal }: Bench, workflows: number): Promise<Burst> {
  const definition = elevenTasks();
  const ids: string[] = [];
  const began = performance.now();
  while (ids.length < workflows) {
    const batch = Array.from({ length: Math.min(WORKFLOWS_PER_REQUEST, workflows - ids.length) }, () => definition);
    ids.push(...(await client.submitAll(batch, { idempotencyKey: randomUUID() })).map(({ id }) => id));
  }
  const look = async (): Promise<number | undefined> => {
    const { rows } = await stores.pool.query<{ open: number; succeeded: number }>(
      `select count(*) filter (where finished_at is null)::integer as open,
              count(*) filter (where state = 'succeeded')::integer as succeeded
         from workflow where id = any ($1::uuid[])`,
      [ids],
    );
    return rows[0]!.open === 0 ? rows[0]!.succeeded : undefined;
  };
  const what = `${workflows} workflows have ended`;
  const succeeded = await until(what, look, { withinMs: FINISHED_WITHIN_MS, signal });
  const seconds = (performance.now() - began) / 1000;
  const slots = (await client.groups()).reduce((sum, group) => sum + group.slots, 0);
  return { workflows, succeeded, seconds, slots, tasks: workflows * (definition.tasks?.length ?? 0) };
}

function target(): Target {
  return loadTargets().find(({ id }) => id === "messages-per-second")!;
}
