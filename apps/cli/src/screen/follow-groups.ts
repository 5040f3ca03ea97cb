import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { HiveClient } from "@agent-hive/client";
import type { Moment, RunRecording } from "./recording.js";

const LOOK_EVERY_MS = 200;

type Groups = Extract<Moment, { type: "groups" }>["groups"];

/** Records what the groups do, whenever that has changed, until the signal is aborted. Best effort, as for any onlooker. */
export async function followGroups(
  client: Pick<HiveClient, "groups">,
  recording: RunRecording,
  signal: AbortSignal,
): Promise<void> {
  for (let before: Groups = []; !signal.aborted;) {
    const groups = await look(client).catch(() => before);
    if (!signal.aborted && !isDeepStrictEqual(groups, before)) recording.add({ type: "groups", groups });
    before = groups;
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function look(client: Pick<HiveClient, "groups">): Promise<Groups> {
  return (await client.groups()).map(({ agentType, slots, length, pending, consumers }) => ({
    agentType,
    slots,
    waiting: Math.max(0, length - pending),
    consumers: consumers.map(({ agentId, running }) => ({ agentId, running: running.length })),
  }));
}
