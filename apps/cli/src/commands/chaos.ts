import { randomInt } from "node:crypto";
import { NearestHand } from "@agent-hive/chaos";
import type { HiveClient } from "@agent-hive/client";
import { AgentKiller, type Kill } from "../chaos/agent-killer.js";
import { print, tell } from "../terminal/print.js";

/** Options of `hive chaos`. */
export interface ChaosOptions {
  /** From kill to kill. */
  every: number;
  /** Until Ctrl-C if it is left out. */
  seconds?: number;
  seed?: number;
  json?: boolean;
}

/** Kills agents of a running hive, one after the other, until it is told to stop or the time is over. */
export async function chaos(client: HiveClient, { every, seconds, seed, json }: ChaosOptions): Promise<number> {
  await client.groups(); // told at once if nothing answers
  const chosen = seed ?? randomInt(1, 2 ** 31);
  const killer = new AgentKiller(client, { seed: chosen, hand: new NearestHand() });
  const stopping = new AbortController();
  const stop = (): void => stopping.abort();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const timer = seconds === undefined ? undefined : setTimeout(stop, seconds * 1000);
  let killed = 0;
  tell(`Killing an agent every ${every} s (seed ${chosen}). Stop with Ctrl-C.`);
  await killer.killEvery(every * 1000, stopping.signal, (kill) => {
    if (kill) killed += 1;
    (json ? tellAsJson : tellKill)(kill);
  });
  clearTimeout(timer);
  await killer.stop();
  tell(`${killed} agents were killed.`);
  return killed > 0 ? 0 : 1;
}

function tellAsJson(kill: Kill | undefined): void {
  if (kill === undefined) return;
  const { at, agentId, group, incarnation } = kill;
  print(JSON.stringify({ at, agentId, group, incarnation }));
}

function tellKill(kill: Kill | undefined): void {
  if (kill) print(`${kill.at} ${kill.agentId} of ${kill.group}`);
  else tell("Nobody was killed: no group has a second agent, or the chosen one was just gone.");
}
