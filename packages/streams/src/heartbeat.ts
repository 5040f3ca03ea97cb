import { EventEmitter } from "node:events";
import { Worker } from "node:worker_threads";
import type { FromHeartbeat, HeartbeatSetting, RunningTask, ToHeartbeat } from "./heartbeat-protocol.js";
import type { ConnectionIdentity } from "./redis-connection.js";
import { SharedTasksWriter, sharedTasksMemory } from "./shared-tasks.js";

/** How often the main loop shows that it turns. */
const MAIN_LOOP_TURN_MS = 50;
/** How long to wait before a thread that died is replaced. */
const RESTART_MS = 250;
/** A thread that beats needs little; without limits V8 would take tens of megabytes. */
const THREAD_LIMITS = { maxOldGenerationSizeMb: 24, maxYoungGenerationSizeMb: 4 };

interface HeartbeatEvents {
  up: [identity: ConnectionIdentity];
  down: [identity: ConnectionIdentity];
  beat: [reply: Extract<FromHeartbeat, { type: "beat" }>];
  /** The thread died and is replaced. */
  trouble: [error: Error];
}

/** Main-thread side of the heartbeat thread. */
export class HeartbeatThread extends EventEmitter<HeartbeatEvents> {
  private readonly mainLoop = new SharedArrayBuffer(4);
  private readonly turns = new Int32Array(this.mainLoop);
  private readonly running: SharedTasksWriter;
  private readonly tasks: SharedArrayBuffer;
  private beatsFor: ToHeartbeat | undefined;
  private worker: Worker | undefined;
  private turning: NodeJS.Timeout | undefined;
  private connected: ConnectionIdentity | undefined;

  /** @param mostTasks that can run at once. */
  constructor(
    private readonly setting: Omit<HeartbeatSetting, "mainLoop" | "tasks">,
    mostTasks: number,
  ) {
    super();
    this.tasks = sharedTasksMemory(mostTasks);
    this.running = new SharedTasksWriter(this.tasks);
  }

  /** The connection of the thread, as last heard. */
  get identity(): ConnectionIdentity | undefined {
    return this.connected;
  }

  start(): void {
    if (this.turning) return;
    this.turning = setInterval(() => Atomics.add(this.turns, 0, 1), MAIN_LOOP_TURN_MS);
    this.turning.unref();
    this.startThread();
  }

  /** Beats for this incarnation from now on, in which nothing is running yet. */
  beatFor(incarnation: string, abandonedKey: string): void {
    this.running.clear();
    this.beatsFor = { incarnation, abandonedKey };
    this.worker?.postMessage(this.beatsFor);
  }

  started(tasks: readonly RunningTask[]): void {
    this.running.add(tasks);
  }

  endedTask(entryId: string): void {
    this.running.remove(entryId);
  }

  async stop(): Promise<void> {
    clearInterval(this.turning);
    this.turning = undefined;
    const worker = this.worker;
    this.worker = undefined;
    await worker?.terminate();
  }

  private startThread(): void {
    const workerData: HeartbeatSetting = { ...this.setting, mainLoop: this.mainLoop, tasks: this.tasks };
    const worker = new Worker(new URL("./heartbeat-worker.js", import.meta.url), {
      workerData,
      resourceLimits: THREAD_LIMITS,
      execArgv: [],
    });
    this.worker = worker;
    worker.unref();
    worker.on("message", (message: FromHeartbeat) => this.hear(message));
    worker.on("error", (error) => this.emit("trouble", error));
    worker.on("exit", () => this.replace(worker));
    if (this.beatsFor) this.worker?.postMessage(this.beatsFor);
  }

  private replace(worker: Worker): void {
    if (this.worker !== worker) return; // stopped on purpose
    this.worker = undefined;
    this.lose();
    setTimeout(() => {
      if (this.turning && !this.worker) this.startThread();
    }, RESTART_MS).unref();
  }

  private hear(message: FromHeartbeat): void {
    switch (message.type) {
      case "up":
        this.connected = message.identity;
        this.emit("up", message.identity);
        return;
      case "down":
        this.lose();
        return;
      case "beat":
        this.emit("beat", message);
        return;
    }
  }

  private lose(): void {
    const gone = this.connected;
    this.connected = undefined;
    if (gone) this.emit("down", gone);
  }
}
