import type { AgentGroup, GroupView, Heartbeat, Registration } from "@agent-hive/contracts";
import type { GroupInfo } from "@agent-hive/streams";

/** What is known of the processes of a hive at one moment. */
export interface Membership {
  registrations: readonly Registration[];
  heartbeats: ReadonlyMap<string, Heartbeat>;
  /** Incarnations whose hearts beat while their main loops stand still. */
  wedged: ReadonlySet<string>;
}

/** A group with its live consumers: configuration, stream and registry put together. */
export function groupView(group: AgentGroup, info: GroupInfo, membership: Membership): GroupView {
  const { group: name, type, agentType, stream, maxConsumers, capabilities } = group;
  const members = membership.registrations.filter((registration) => registration.group === name);
  const pending = new Map(info.consumers.map((consumer) => [consumer.name, consumer.pending]));
  return {
    group: name,
    type,
    agentType,
    stream,
    maxConsumers,
    capabilities: [...new Set([...capabilities, ...members.flatMap((member) => member.handlers)])],
    slots: members.reduce((sum, member) => sum + member.slots, 0),
    length: info.length,
    pending: info.pending,
    consumers: members.map((member) => consumerView(member, pending.get(member.incarnation) ?? 0, membership)),
  };
}

function consumerView(member: Registration, pending: number, membership: Membership): GroupView["consumers"][number] {
  const { incarnation, agentId, pid, host, slots } = member;
  const heartbeat = membership.heartbeats.get(incarnation);
  return {
    incarnation,
    agentId,
    pid,
    host,
    slots,
    pending,
    running: (heartbeat?.held ?? []).map(({ taskKey, attempt, elapsedMs }) => ({ taskKey, attempt, elapsedMs })),
    state: membership.wedged.has(incarnation) ? "wedged" : "live",
    rssBytes: heartbeat?.rssBytes ?? null,
  };
}
