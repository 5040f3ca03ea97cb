/**
 * The heartbeat thread: beats for its process over a connection of its own, so that a handler that blocks the main loop
 * does not look dead. It tells how far the main loop has turned, which is how a blocked one shows.
 */
import { parentPort, workerData } from "node:worker_threads";
import type { FromHeartbeat, HeartbeatSetting, ToHeartbeat } from "./heartbeat-protocol.js";
import { RedisConnection } from "./redis-connection.js";
import { runScript } from "./scripts.js";
import { monotonicMs, readSharedTasks } from "./shared-tasks.js";

const setting = workerData as HeartbeatSetting;
const port = parentPort!;
const mainLoop = new Int32Array(setting.mainLoop);
let incarnation = "";
let abandonedKey = "";
let counter = 0;

const connection = new RedisConnection(setting);
const tell = (message: FromHeartbeat): void => port.postMessage(message);
connection.on("up", (identity) => tell({ type: "up", identity }));
connection.on("down", (identity) => tell({ type: "down", identity }));

port.on("message", (message: ToHeartbeat) => ({ incarnation, abandonedKey } = message));

function heartbeat(): string {
  const nowMs = monotonicMs();
  const held = readSharedTasks(setting.tasks).map(({ sinceMs, ...task }) => ({
    ...task,
    elapsedMs: Math.max(0, Math.round(nowMs - sinceMs)),
  }));
  counter += 1;
  return JSON.stringify({
    counter,
    mainLoop: Atomics.load(mainLoop, 0) >>> 0,
    held,
    rssBytes: process.memoryUsage.rss(),
  });
}

async function beat(): Promise<void> {
  const { epoch, dead, incarnations, heartbeats, onlookers } = setting.keys;
  const beatenFor = incarnation;
  const keys = [epoch, dead, incarnations, heartbeats, onlookers, abandonedKey];
  const reply = await runScript(connection, "heartbeat", keys, ["", beatenFor, heartbeat()]);
  const [status, found, abandoned, watched] = reply as ["OK" | "UNKNOWN" | "DEAD", string, number, number];
  tell({ type: "beat", incarnation: beatenFor, status, epoch: found, abandoned, hasOnlookers: watched === 1 });
}

let isBeating = false;
setInterval(() => {
  if (incarnation === "" || isBeating) return;
  isBeating = true;
  // A beat that fails is one that is missing; that is all it has to say.
  beat()
    .catch(() => undefined)
    .finally(() => (isBeating = false));
}, setting.heartbeatMs);

void connection.connect();
