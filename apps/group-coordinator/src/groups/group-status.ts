import type { AgentGroup, GroupStatus, Registration } from "@agent-hive/contracts";

/**
 * What each group looks like, from the registrations of those who live.
 *
 * A group without consumers keeps the handlers that it had last: the next consumers are expected to have them too, and
 * tasks for them wait instead of being refused.
 *
 * @param previous the status before this one, by group.
 */
export function groupStatuses(
  groups: readonly AgentGroup[],
  registrations: readonly Registration[],
  previous: ReadonlyMap<string, GroupStatus>,
): GroupStatus[] {
  return groups.map(({ group, agentType, stream }) => {
    const members = registrations.filter((registration) => registration.group === group);
    const handlers = [...new Set(members.flatMap((member) => member.handlers))].sort();
    return {
      group,
      agentType,
      stream,
      consumers: members.length,
      slots: members.reduce((sum, member) => sum + member.slots, 0),
      handlers: members.length > 0 ? handlers : (previous.get(group)?.handlers ?? []),
    };
  });
}

/** The statuses that say something else than before. */
export function changedStatuses(
  statuses: readonly GroupStatus[],
  previous: ReadonlyMap<string, GroupStatus>,
): GroupStatus[] {
  return statuses.filter((status) => JSON.stringify(status) !== JSON.stringify(previous.get(status.group)));
}
