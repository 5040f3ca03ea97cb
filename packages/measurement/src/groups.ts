import type { Facts } from "./facts.js";
import type { Measurement } from "./measurement.js";
import type { GroupRecord } from "./records.js";

type GroupMeasure = Measurement["groups"][number];
type Consumer = Omit<GroupMeasure["consumers"][number], "share">;

/** How each group of agents stands, and how its consumers, dead ones too, shared the results recorded in the window. */
export function groupsOf(facts: Facts): GroupMeasure[] {
  const groupOf = groupByIncarnation(facts);
  const consumers = Map.groupBy(consumersOf(facts), ({ incarnation, agentType }) => groupOf(incarnation, agentType));
  return facts.records.groups.flatMap((record) => {
    const { group, agentType, stream, slots, length, pending, lag } = record;
    if (agentType === null) return [];
    const shares = sharesOf(record, consumers.get(group) ?? []);
    return [{ group, agentType, stream, slots, length, pending, lag, consumers: shares }];
  });
}

/** Who is registered says its group, and a verdict says that of the dead; else a type that one group serves tells. */
function groupByIncarnation({ records }: Facts): (incarnation: string, agentType: string) => string | undefined {
  const known = new Map<string, string>();
  for (const { incarnation, group } of records.verdicts) if (group !== null) known.set(incarnation, group);
  for (const { incarnation, group } of records.acts) known.set(incarnation, group);
  for (const { group, members } of records.groups) for (const { incarnation } of members) known.set(incarnation, group);
  const serving = Map.groupBy(records.groups, ({ agentType }) => agentType);
  return (incarnation, agentType) => {
    const candidates = serving.get(agentType) ?? [];
    return known.get(incarnation) ?? (candidates.length === 1 ? candidates[0]!.group : undefined);
  };
}

/** What the history of the window says of each incarnation. */
function consumersOf({ tasks, records }: Facts): (Consumer & { agentType: string })[] {
  const { fromMs, toMs } = records.window;
  const consumers = new Map<string, Consumer & { agentType: string }>();
  for (const { task, ends, deliveries } of tasks) {
    for (const { incarnation, agentId, outcome, delivery, recordedAtMs } of [...ends, ...deliveries]) {
      if (incarnation === null || recordedAtMs < fromMs || recordedAtMs > toMs) continue;
      const known = consumers.get(incarnation);
      const consumer = known ?? { agentType: task.agentType, agentId: "", incarnation, recorded: 0, lost: 0 };
      consumer.agentId ||= agentId ?? "";
      if (delivery === "") consumer.recorded++;
      else if (outcome === "crashed" || outcome === "frozen") consumer.lost++;
      consumers.set(incarnation, consumer);
    }
  }
  return [...consumers.values()];
}

function sharesOf({ members }: GroupRecord, atWork: readonly Consumer[]): GroupMeasure["consumers"] {
  const known = new Set(atWork.map(({ incarnation }) => incarnation));
  const idle = members
    .filter(({ incarnation }) => !known.has(incarnation))
    .map((member): Consumer => ({ ...member, recorded: 0, lost: 0 }));
  const total = atWork.reduce((sum, { recorded }) => sum + recorded, 0);
  return [...atWork, ...idle].map(({ agentId, incarnation, recorded, lost }) => ({
    // A crash is recorded without its agent's name; who never got a result in is named by its incarnation.
    agentId: agentId || incarnation,
    incarnation,
    recorded,
    share: total === 0 ? 0 : recorded / total,
    lost,
  }));
}
