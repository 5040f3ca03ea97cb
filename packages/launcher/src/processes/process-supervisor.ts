/** Keeps a set of named processes: adds, lists, starts, stops and restarts single ones, and stops all in order. */
import { EventEmitter } from "node:events";
import { LauncherError } from "../launcher-error.js";
import { ManagedProcess, type ProcessExit, type ProcessSpec, type ProcessState } from "./managed-process.js";
import type { Reaper } from "./reaper.js";

/** A process and its place in the hive. */
export interface SupervisedSpec extends ProcessSpec {
  /** What it is an instance of, e.g. `agent-backend`. */
  service: string;
  /** Its HTTP port, the same over all restarts. */
  port: number;
  /** Processes of a higher stage are stopped before those of a lower one. */
  stage: number;
}

/** What is known about a supervised process. */
export interface ProcessInfo {
  name: string;
  service: string;
  /** Undefined while it is not running. */
  pid: number | undefined;
  port: number;
  restarts: number;
  state: ProcessState;
  logFile: string;
}

interface Events {
  /** A process entered another state. */
  state: [ProcessInfo];
  exited: [ProcessInfo, ProcessExit];
  line: [name: string, line: string];
}

interface Member {
  spec: SupervisedSpec;
  process: ManagedProcess;
}

export class ProcessSupervisor extends EventEmitter<Events> {
  private readonly members = new Map<string, Member>();

  constructor(private readonly reaper: Reaper) {
    super();
  }

  /** Takes a process on and starts it; resolves when it is ready. */
  async add(spec: SupervisedSpec): Promise<void> {
    if (this.members.has(spec.name))
      throw new LauncherError("ALREADY_RUNNING", `There is already a process "${spec.name}".`);
    const process = new ManagedProcess(spec, this.reaper);
    const member = { spec, process };
    this.members.set(spec.name, member);
    process.on("state", () => this.emit("state", infoOf(member)));
    process.on("exited", (exit) => this.emit("exited", infoOf(member), exit));
    process.on("line", (line) => this.emit("line", spec.name, line));
    await process.start();
  }

  /** Stops a process and forgets it. */
  async remove(name: string): Promise<void> {
    await this.stop(name);
    this.members.delete(name);
  }

  /** Starts a process that is down, or at once one that is backing off; resolves when it is ready. */
  async start(name: string): Promise<void> {
    await this.member(name).process.start();
  }

  /** Stops a process; it stays down until it is started. */
  async stop(name: string): Promise<void> {
    await this.member(name).process.stop();
  }

  /** Stops a process in good order and starts it again. */
  async restart(name: string): Promise<void> {
    await this.stop(name);
    await this.start(name);
  }

  /** Sends a signal to a process; dying of it counts as a crash, after which it is started again. */
  kill(name: string, signal: NodeJS.Signals = "SIGKILL"): void {
    this.member(name).process.signal(signal);
  }

  list(): ProcessInfo[] {
    return [...this.members.values()].map(infoOf);
  }

  /** @throws LauncherError UNKNOWN_PROCESS */
  find(name: string): ProcessInfo {
    return infoOf(this.member(name));
  }

  /** Stops all processes, stage by stage, the highest first. Failures do not keep the rest from being stopped. */
  async stopAll(): Promise<void> {
    const stages = [...new Set([...this.members.values()].map(({ spec }) => spec.stage))].sort((a, b) => b - a);
    const failures: unknown[] = [];
    for (const stage of stages) {
      const members = [...this.members.values()].filter(({ spec }) => spec.stage === stage);
      const results = await Promise.allSettled(members.map(({ process }) => process.stop()));
      failures.push(...results.flatMap((result) => (result.status === "rejected" ? [result.reason] : [])));
    }
    if (failures.length > 0) throw new AggregateError(failures, "Some processes could not be stopped in good order.");
  }

  private member(name: string): Member {
    const member = this.members.get(name);
    if (member) return member;
    const known = [...this.members.keys()].map((other) => `"${other}"`).join(", ");
    throw new LauncherError("UNKNOWN_PROCESS", `There is no process "${name}". Known: ${known || "none"}.`);
  }
}

function infoOf({ spec, process }: Member): ProcessInfo {
  const { name, service, port, logFile } = spec;
  return { name, service, pid: process.pid, port, restarts: process.restarts, state: process.state, logFile };
}
