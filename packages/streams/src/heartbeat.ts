import { EventEmitter } from "node:events";
import { Worker } from "node:worker_threads";
import type { FromHeartbeat, HeartbeatSetting, RunningTask, ToHeartbeat } from "./heartbeat-protocol.js";
import type { ConnectionIdentity } from "./redis-connection.js";

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
  private readonly running = new Map<string, RunningTask>();
  private ended: string[] = [];
  private beatsFor: { incarnation: string; abandonedKey: string } | undefined;
  private worker: Worker | undefined;
  private turning: NodeJS.Timeout | undefined;
  private connected: ConnectionIdentity | undefined;

  constructor(private readonly setting: Omit<HeartbeatSetting, "mainLoop">) {
    super();
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
    this.post({ type: "incarnation", ...this.beatsFor });
  }

  started(tasks: RunningTask[]): void {
    for (const task of tasks) this.running.set(task.entryId, task);
    // At once: the handler that starts next may block this thread.
    this.post({ type: "started", tasks });
  }

  /** What ended in one turn of the event loop is told together. */
  endedTask(entryId: string): void {
    if (!this.running.delete(entryId)) return;
    if (this.ended.push(entryId) > 1) return;
    setImmediate(() => {
      const entryIds = this.ended;
      this.ended = [];
      this.post({ type: "ended", entryIds });
    });
  }

  async stop(): Promise<void> {
    clearInterval(this.turning);
    this.turning = undefined;
    const worker = this.worker;
    this.worker = undefined;
    await worker?.terminate();
  }

  private startThread(): void {
    const workerData: HeartbeatSetting = { ...this.setting, mainLoop: this.mainLoop };
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
    if (this.beatsFor) this.post({ type: "incarnation", ...this.beatsFor });
    if (this.running.size > 0) this.post({ type: "started", tasks: [...this.running.values()] });
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

  private post(message: ToHeartbeat): void {
    this.worker?.postMessage(message);
  }
}
