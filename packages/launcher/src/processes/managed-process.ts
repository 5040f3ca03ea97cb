/**
 * One process that is to be up: started, watched, started again when it dies, its output kept, stopped for certain.
 * What it is (a store, a service) and in which order things start and stop is for others to know.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { LauncherError } from "../launcher-error.js";
import type { LastSignal, Reaper } from "./reaper.js";
import { STABLE_AFTER_MS, restartDelayMs } from "./restart-backoff.js";

/** How to start a process, and how to tell that it is ready. */
export interface ProcessSpec {
  name: string;
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd?: string;
  /** Written to its standard input, e.g. a configuration with secrets in it. */
  input?: string;
  /** The account that it runs under; this process's own by default. */
  runAs?: { uid: number; gid: number };
  /** Where its output goes; a new file with each life of this object. */
  logFile: string;
  /** Asked again and again after each start until it answers true; must settle within about a second. */
  isReady(pid: number): Promise<boolean>;
  /** How long it may take to become ready, in ms. Default 30 s. */
  readyWithinMs?: number;
  /** Starts it again when it dies. Default true. */
  restart?: boolean;
  /** The signal that asks it to stop. Default SIGTERM. */
  stopSignal?: NodeJS.Signals;
  /** How long it may take to stop before it is killed, in ms. Default 10 s. */
  stopWithinMs?: number;
  /** The signal with which it ends when the launcher was killed. Default SIGKILL. */
  lastSignal?: LastSignal;
}

/** `backing-off`: it died and will be started again shortly; `down`: it will not, unless someone asks. */
export type ProcessState = "down" | "starting" | "ready" | "backing-off" | "stopping";

/** How a process ended; `expected` if it was asked to. */
export interface ProcessExit {
  pid: number;
  code: number | null;
  signal: NodeJS.Signals | null;
  expected: boolean;
}

interface Events {
  state: [ProcessState];
  exited: [ProcessExit];
  line: [string];
}

const READY_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 25;
/** A process that dies as often without ever being ready has a reason that waiting does not cure. */
const FUTILE_STARTS = 3;
const LINES_KEPT = 20;
/** How long the rest of a dead process's output is waited for; a grandchild may hold the pipe open. */
const OUTPUT_GRACE_MS = 250;

export class ManagedProcess extends EventEmitter<Events> {
  private child: ChildProcess | undefined;
  private outputEnded: Promise<unknown> = Promise.resolve();
  private currentState: ProcessState = "down";
  private backOff: NodeJS.Timeout | undefined;
  private startedAt = 0;
  private lives = 0;
  private quickDeaths = 0;
  private futileStarts = 0;
  private lastExit: ProcessExit | undefined;
  private recentLines: string[] = [];

  constructor(
    readonly spec: ProcessSpec,
    private readonly reaper: Reaper,
  ) {
    super();
    this.setMaxListeners(0);
  }

  get name(): string {
    return this.spec.name;
  }

  get state(): ProcessState {
    return this.currentState;
  }

  /** Undefined while it is not running. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** How often it was started again. */
  get restarts(): number {
    return Math.max(0, this.lives - 1);
  }

  /** Starts it, at once if it is backing off, and waits until it is ready. */
  async start(): Promise<void> {
    if (this.currentState === "stopping") await this.stop();
    if (this.currentState === "down" || this.currentState === "backing-off") {
      this.futileStarts = 0;
      this.launch();
    }
    await this.whenReady();
  }

  /**
   * Waits until it is ready.
   *
   * @throws LauncherError PROCESS_NOT_READY, with its last output, when it takes too long or dies again and again.
   */
  async whenReady(): Promise<void> {
    const withinMs = this.spec.readyWithinMs ?? READY_WITHIN_MS;
    const deadline = AbortSignal.timeout(withinMs);
    while (this.currentState !== "ready") {
      if (this.currentState === "down" || this.currentState === "stopping") throw await this.notReady("has ended");
      if (this.futileStarts >= FUTILE_STARTS)
        throw await this.notReady(`died ${this.futileStarts} times while starting`);
      if (deadline.aborted) throw await this.notReady(`was not ready within ${withinMs / 1000} s`);
      await once(this, "state", { signal: deadline }).catch(() => {});
    }
  }

  /** Asks it to stop, kills it when it does not, and waits for its end. It is not started again. */
  async stop(): Promise<void> {
    clearTimeout(this.backOff);
    const child = this.child;
    if (!child) return this.enter("down");
    const ended = this.whenEnded(child);
    if (this.currentState !== "stopping") {
      this.enter("stopping");
      this.signal(this.spec.stopSignal ?? "SIGTERM");
      this.signal("SIGCONT"); // a frozen process takes no other signal
    }
    const patience = new AbortController();
    const impatience = delay(this.spec.stopWithinMs ?? STOP_WITHIN_MS, undefined, {
      signal: patience.signal,
      ref: true,
    })
      .then(() => signalGroup(child.pid, "SIGKILL"))
      .catch(() => {});
    await ended;
    patience.abort();
    await impatience;
    await this.outputEnded;
  }

  /** Sends a signal to the process, if it runs. Nothing else happens: what it dies of is treated as a crash. */
  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  private launch(): void {
    clearTimeout(this.backOff);
    const { command, args, env, cwd, runAs, logFile, input, lastSignal = "SIGKILL" } = this.spec;
    const child = spawn(command, args, { env, cwd, ...runAs, detached: true, stdio: ["pipe", "pipe", "pipe"] });
    if (child.pid) this.reaper.watchProcess(child.pid, lastSignal);
    this.child = child;
    this.startedAt = performance.now();
    this.lives += 1;
    this.recentLines = [];
    child.stdin.on("error", () => {}); // It died before it had read its input: "exit" tells.
    child.stdin.end(input);
    this.keepOutput(child, logFile);
    child.once("exit", (code, signal) => this.onExit(child, { code, signal }));
    child.once("error", (error) => {
      this.keepLine(error.message);
      if (!child.pid) this.onExit(child, { code: null, signal: null });
    });
    this.enter("starting");
    void this.announceReady(child);
  }

  private keepOutput(child: ChildProcess, logFile: string): void {
    const log = createWriteStream(logFile, { flags: this.lives === 1 ? "w" : "a" });
    log.on("error", () => {}); // A full disk or a removed folder must not end the hive.
    for (const output of [child.stdout!, child.stderr!]) {
      output.pipe(log, { end: false });
      createInterface({ input: output }).on("line", (line) => this.keepLine(line));
    }
    const closed = once(child, "close").catch(() => {});
    this.outputEnded = closed.then(() => new Promise((flushed) => log.end(flushed)));
  }

  private keepLine(line: string): void {
    this.recentLines = [...this.recentLines.slice(1 - LINES_KEPT), line];
    this.emit("line", line);
  }

  private async announceReady(child: ChildProcess): Promise<void> {
    while (this.child === child && this.currentState === "starting") {
      const ready = child.pid !== undefined && (await this.spec.isReady(child.pid).catch(() => false));
      if (this.child !== child || this.currentState !== "starting") return;
      if (!ready) {
        await delay(LOOK_EVERY_MS);
        continue;
      }
      this.futileStarts = 0;
      this.enter("ready");
    }
  }

  private onExit(child: ChildProcess, { code, signal }: Pick<ProcessExit, "code" | "signal">): void {
    const pid = child.pid ?? 0;
    if (pid) {
      signalGroup(pid, "SIGKILL"); // what it may have left behind
      this.reaper.forgetProcess(pid);
    }
    if (this.child !== child) return; // an earlier life: the present one goes on
    this.child = undefined;
    const expected = this.currentState === "stopping";
    this.lastExit = { pid, code, signal, expected };
    this.emit("exited", this.lastExit);
    if (expected || this.spec.restart === false) return this.enter("down");
    if (this.currentState === "starting") this.futileStarts += 1;
    this.quickDeaths = performance.now() - this.startedAt < STABLE_AFTER_MS ? this.quickDeaths + 1 : 0;
    this.backOff = setTimeout(() => this.launch(), restartDelayMs(Math.max(0, this.quickDeaths - 1)));
    this.enter("backing-off");
  }

  private async whenEnded(child: ChildProcess): Promise<void> {
    while (this.child === child) await once(this, "state");
  }

  private enter(state: ProcessState): void {
    if (state === this.currentState) return;
    this.currentState = state;
    this.emit("state", state);
  }

  private async notReady(what: string): Promise<LauncherError> {
    if (!this.child) await Promise.race([this.outputEnded, delay(OUTPUT_GRACE_MS)]);
    const exit = this.lastExit && !this.child ? ` (${this.lastExit.signal ?? `exit code ${this.lastExit.code}`})` : "";
    const output =
      this.recentLines.length > 0 ? `Its last output:\n${this.recentLines.join("\n")}` : "It printed nothing.";
    return new LauncherError("PROCESS_NOT_READY", `${this.name} ${what}${exit}. ${output}`);
  }
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid) process.kill(-pid, signal);
  } catch {
    // Nobody is left in the group.
  }
}
