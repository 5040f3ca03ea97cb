import type { GroupView } from "@agent-hive/contracts";
import { AGENT_SERVICES, type AgentType, type HiveLauncher } from "@agent-hive/launcher";
import type { Bench } from "./check.js";
import { until } from "./waiting.js";

/** A killed process is started again in a second or two, on a busy machine in ten. */
const WHOLE_WITHIN_MS = 30_000;

/** The agent types that processes of the hive serve. */
export function agentTypesIn(hive: HiveLauncher): AgentType[] {
  return (Object.keys(AGENT_SERVICES) as AgentType[]).filter((type) => processesOf(hive, type) > 0);
}

/** How many processes of an agent type the hive is to have. */
export function processesOf(hive: HiveLauncher, agentType: AgentType): number {
  return hive.supervisor.list().filter(({ service }) => service === AGENT_SERVICES[agentType]).length;
}

/**
 * The group of an agent type, once every process of the type is a live consumer of it.
 *
 * @param withinMs default 30,000.
 * @throws Error after that.
 */
export function wholeGroup(
  { hive, client, signal }: Bench,
  agentType: AgentType,
  withinMs = WHOLE_WITHIN_MS,
): Promise<GroupView> {
  const processes = processesOf(hive, agentType);
  const look = async (): Promise<GroupView | undefined> => {
    const group = (await client.groups()).find((each) => each.agentType === agentType);
    const live = group?.consumers.filter(({ state }) => state === "live") ?? [];
    return live.length >= processes ? group : undefined;
  };
  const what = `all ${processes} processes of "${agentType}" are live consumers of its group`;
  return until(what, look, { withinMs, signal });
}
