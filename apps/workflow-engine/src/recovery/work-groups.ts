import { ENGINES_GROUP, ROUTERS_GROUP, type AgentTypes, type Keys } from "@agent-hive/contracts";
import type { GroupAddress, LostWork } from "@agent-hive/streams";

/** A group that work passes through, and what is lost if its stream is. */
export interface WorkGroup {
  at: GroupAddress;
  lost: LostWork;
}

/** All of them, in the order in which a task passes: dispatch, the agents' streams, results. */
export function workGroupsOf(agentTypes: AgentTypes, keys: Keys): WorkGroup[] {
  const agentStreams = agentTypes.groups.map(({ stream }) => keys.stream(stream));
  return [
    {
      at: { stream: keys.dispatch, group: ROUTERS_GROUP },
      lost: { state: "open", agentTypes: agentTypes.names, alsoIn: agentStreams },
    },
    ...agentTypes.groups.map(({ agentType, stream, group }): WorkGroup => {
      const siblings = agentTypes.groupsOf(agentType).map((each) => keys.stream(each.stream));
      const alsoIn = [keys.dispatch, ...siblings];
      return { at: { stream: keys.stream(stream), group }, lost: { state: "open", agentTypes: [agentType], alsoIn } };
    }),
    {
      at: { stream: keys.results, group: ENGINES_GROUP },
      lost: { state: "done", agentTypes: agentTypes.names, alsoIn: [] },
    },
  ];
}
