import { ENGINES_GROUP, ROUTERS_GROUP, type AgentTypes, type Keys } from "@agent-hive/contracts";
import type { GroupAddress, LostWork } from "@agent-hive/streams";

/** A consumer group that must exist, and how its work is found again should its stream vanish. */
export interface PlannedGroup extends GroupAddress {
  lost: LostWork;
}

/** All groups of a hive: one per agent type entry, the routers', the engines'. */
export function plannedGroups(agentTypes: AgentTypes, keys: Keys): PlannedGroup[] {
  const everyType = agentTypes.names;
  const agentStreams = agentTypes.groups.map((group) => keys.stream(group.stream));
  return [
    {
      stream: keys.dispatch,
      group: ROUTERS_GROUP,
      lost: { state: "open", agentTypes: everyType, alsoIn: agentStreams },
    },
    { stream: keys.results, group: ENGINES_GROUP, lost: { state: "done", agentTypes: everyType, alsoIn: [] } },
    ...agentTypes.groups.map(({ agentType, group, stream }): PlannedGroup => {
      const siblings = agentTypes.groupsOf(agentType).map((sibling) => keys.stream(sibling.stream));
      const lost: LostWork = { state: "open", agentTypes: [agentType], alsoIn: [keys.dispatch, ...siblings] };
      return { stream: keys.stream(stream), group, lost };
    }),
  ];
}
