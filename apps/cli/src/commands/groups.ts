import type { GroupView } from "@agent-hive/contracts";
import type { HiveClient } from "@agent-hive/client";
import { print, printJson, table } from "../terminal/print.js";

/** Prints the groups with their consumers, and what is waiting for them. */
export async function showGroups(client: HiveClient, options: { json?: boolean }): Promise<number> {
  const groups = await client.groups();
  if (options.json) {
    printJson(groups);
    return 0;
  }
  for (const line of table([
    ["GROUP", "CONSUMERS", "SLOTS", "WAITING", "PENDING", "MEMBERS"],
    ...groups.map(groupRow),
  ])) {
    print(line);
  }
  return 0;
}

function groupRow(group: GroupView): string[] {
  return [
    group.group,
    `${group.consumers.length} of ${group.maxConsumers}`,
    String(group.slots),
    String(Math.max(0, group.length - group.pending)),
    String(group.pending),
    group.consumers.map((consumer) => `${consumer.agentId}${consumer.state === "wedged" ? " (wedged)" : ""}`).join(" "),
  ];
}
