import type { GroupView } from "@agent-hive/contracts";
import type { AgentType } from "@agent-hive/launcher";
import { processesOf, wholeGroup } from "../agents.js";
import { judged, type Bench, type Check, type Finding } from "../check.js";

/** Agents that have just been started may still be joining. */
const JOINED_WITHIN_MS = 10_000;

/** A group as the coordinator lists it, and as Redis has it. */
export interface FoundGroup {
  agentType: string;
  /** Undefined if the coordinator does not know of it. */
  view: Pick<GroupView, "group" | "stream" | "maxConsumers"> | undefined;
  /** Whether the consumer group is there in Redis. */
  isInRedis: boolean;
  /** Live consumers of it. */
  live: number;
  /** Processes of the type that are to be consumers of it. */
  processes: number;
}

/** That an agent type has its group, and all of its processes are consumers of it. */
export function groupCheck(agentType: AgentType): Check {
  return {
    id: `group-${agentType}`,
    title: `Group of "${agentType}"`,
    severity: "needed",
    wanted: "a consumer group in Redis, and every process of the type a live consumer of it",
    run: async (bench) => judgeGroup(await findGroup(bench, agentType)),
  };
}

export function judgeGroup({ agentType, view, isInRedis, live, processes }: FoundGroup): Finding {
  if (view === undefined) {
    return judged(
      false,
      `the coordinator knows no group of "${agentType}"`,
      `Name it in infra/agent-types.yaml, or in the file that HIVE_AGENT_TYPES_FILE names for all services.`,
    );
  }
  const consumers = `${live} live of ${processes} processes, at most ${view.maxConsumers}`;
  if (!isInRedis) {
    return judged(
      false,
      `${view.group} is not in Redis (stream ${view.stream}); ${consumers}`,
      `Restart an agent of "${agentType}" or the engine, which make it at their start; see also what else uses this Redis.`,
    );
  }
  return judged(
    live >= processes && live > 0,
    `${view.group}: ${consumers}`,
    `See what the agents of "${agentType}" log; a group takes no more than max_consumers (${view.maxConsumers}) of infra/agent-types.yaml.`,
    [{ name: "live consumers", value: live, unit: "1" }],
  );
}

async function findGroup(bench: Bench, agentType: AgentType): Promise<FoundGroup> {
  await wholeGroup(bench, agentType, JOINED_WITHIN_MS).catch(() => undefined); // what is missing after all is judged
  const view = (await bench.client.groups()).find((each) => each.agentType === agentType);
  const inRedis = view === undefined ? [] : await bench.stores.redisGroups(view.stream);
  return {
    agentType,
    view,
    isInRedis: view !== undefined && inRedis.includes(view.group),
    live: view?.consumers.filter(({ state }) => state === "live").length ?? 0,
    processes: processesOf(bench.hive, agentType),
  };
}
