/** The process behind {@link Reaper}: reads what is to be ended from its input, and ends it when the input does. */
import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

const GRACE_MS = 3_000;
const LOOK_EVERY_MS = 20;

const processes = new Map<number, NodeJS.Signals>();
const folders = new Set<string>();

// Nothing but the end of its input ends a reaper; a signal that was meant for the launcher's family must not.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

for await (const line of createInterface({ input: process.stdin })) {
  const [verb, ...rest] = line.split(" ");
  if (verb === "+process") processes.set(Number(rest[0]), rest[1] as NodeJS.Signals);
  if (verb === "-process") processes.delete(Number(rest[0]));
  if (verb === "+folder") folders.add(rest.join(" "));
  if (verb === "-folder") folders.delete(rest.join(" "));
}

for (const [pid, signal] of processes) signalGroup(pid, signal);
const deadline = performance.now() + GRACE_MS;
while ([...processes.keys()].some(isAlive) && performance.now() < deadline) await delay(LOOK_EVERY_MS);
for (const pid of processes.keys()) signalGroup(pid, "SIGKILL");
for (const folder of folders) await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
    if (signal !== "SIGKILL") process.kill(-pid, "SIGCONT"); // a stopped process takes no other signal
  } catch {
    // It has ended already.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
}

/** Ended, but nobody has asked how: in a container whose first process does not care for orphans they stay so. */
function isZombie(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.startsWith("Z");
  } catch {
    return false; // a system without /proc
  }
}
