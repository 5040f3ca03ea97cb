/**
 * Does faults to a hive of real processes on stores of its own, and notes for each what it struck. A process that was
 * killed is started again at once; one that was frozen is thawed in time; nothing is struck twice at the same time.
 */
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import type { Registration } from "@agent-hive/contracts";
import type { ManagedProcess, ProcessInfo } from "@agent-hive/launcher";
import type { CampaignHive } from "./campaign-hive.js";
import { momentNow, type Fault, type FaultKind } from "./fault-kinds.js";
import { isGroupMember } from "./witness.js";

const SHORTEST_FREEZE_MS = 2_000;
const LONGEST_FREEZE_MS = 5_000;
const LONGEST_PAUSE_MS = 1_500;
const SERVICES = ["workflow-engine", "router", "group-coordinator"];

/** A registered process that can be struck, and how many entries it holds. */
interface Candidate {
  process: ProcessInfo;
  registration: Registration;
  load: number;
  /** Who else was there. */
  members: readonly Registration[];
}

export class FaultInjector {
  /** All faults so far, in their order. */
  readonly faults: Fault[] = [];
  /** What is under a fault that lasts: names of processes, `redis`, `postgres`, `rolling`. */
  private readonly busy = new Set<string>();
  /** Processes that are not up again. Their ends are told a moment after they were killed. */
  private readonly killed = new Set<string>();
  private readonly ongoing = new Set<Promise<void>>();
  private readonly ending = new AbortController();

  constructor(
    private readonly hive: CampaignHive,
    private readonly random: () => number,
    /** Told of each fault when it has been done, and again when one that lasts is over. */
    private readonly onFault: (fault: Fault) => void = () => undefined,
  ) {
    hive.launcher.supervisor.on("state", ({ name, state }) => {
      if (state === "ready") this.killed.delete(name);
      if (state === "backing-off") void hive.launcher.supervisor.start(name).catch(() => undefined);
    });
  }

  /** @returns undefined if there is nothing at the moment that this kind could strike. */
  async strike(kind: FaultKind): Promise<Fault | undefined> {
    switch (kind) {
      case "agent-kill":
        return this.kill(kind, await this.chooseAgent());
      case "agent-freeze":
        return this.freeze(kind, await this.chooseAgent());
      case "service-kill":
        return this.kill(kind, await this.chooseService());
      case "service-freeze":
        return this.freeze(kind, await this.chooseService());
      case "redis-restart":
        return this.restart(kind, "redis", this.hive.stores.redis!.process, "SIGKILL");
      case "postgres-restart":
        return this.restart(kind, "postgres", this.hive.stores.postgres!.process, "SIGQUIT");
      case "redis-client-kill":
        return this.inRedis(kind, ["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]);
      case "redis-flush":
        return this.inRedis(kind, ["FLUSHALL"]);
      case "redis-pause":
        return this.pauseRedis(kind);
      case "postgres-terminate":
        return this.terminateSessions(kind);
      case "rolling-restart":
        return this.rollingRestart(kind);
    }
  }

  /** Waits until every fault is over and every process up again. */
  async settle(): Promise<void> {
    await this.stop();
    const { supervisor } = this.hive.launcher;
    await Promise.all(supervisor.list().map(({ name }) => supervisor.start(name)));
  }

  /** Ends what lasts, at once: thaws what is frozen, restarts no more processes. */
  async stop(): Promise<void> {
    this.ending.abort();
    await Promise.all(this.ongoing);
  }

  // ── Processes ────────────────────────────────────────────────────────────────────────────────────────────────────

  private async kill(kind: FaultKind, victim: Candidate | undefined): Promise<Fault | undefined> {
    if (!victim) return undefined;
    return this.struck(kind, victim, "SIGKILL");
  }

  private async freeze(kind: FaultKind, victim: Candidate | undefined): Promise<Fault | undefined> {
    if (!victim) return undefined;
    const { name } = victim.process;
    const fault = await this.struck(kind, victim, "SIGSTOP");
    const lasts = SHORTEST_FREEZE_MS + this.random() * (LONGEST_FREEZE_MS - SHORTEST_FREEZE_MS);
    this.during(fault, name, async () => {
      await this.pause(lasts);
      this.hive.recording.note({ kind: "thaw", pid: victim.registration.pid });
      this.hive.launcher.supervisor.kill(name, "SIGCONT");
    });
    return fault;
  }

  private async struck(kind: FaultKind, victim: Candidate, signal: NodeJS.Signals): Promise<Fault> {
    const { process, registration, members } = victim;
    const { pid } = registration;
    const { recording, launcher } = this.hive;
    if (signal === "SIGKILL") recording.note({ kind: "kill", pid });
    const at = momentNow();
    launcher.supervisor.kill(process.name, signal);
    if (signal === "SIGKILL") this.killed.add(process.name);
    if (signal === "SIGSTOP") recording.note({ kind: "freeze", pid });
    const holdings = isGroupMember(registration)
      ? await this.hive.witness.holdings(registration, members).catch(() => undefined)
      : undefined;
    const { incarnation, group } = registration;
    return this.note({ kind, target: process.name, at, incarnation, group, held: [], ...holdings });
  }

  /** One that holds work, of a group in which another is there to take it over. */
  private async chooseAgent(): Promise<Candidate | undefined> {
    const agents = (await this.candidates()).filter(({ registration }) => registration.agentType !== undefined);
    const peers = (of: Candidate): number =>
      agents.filter(({ registration }) => registration.group === of.registration.group).length;
    return this.pick(agents.filter((agent) => agent.load > 0 && peers(agent) > 1));
  }

  /** A replica of one of the services of which another is up; of a service of one process, that one. */
  private async chooseService(): Promise<Candidate | undefined> {
    const service = this.pick(SERVICES)!;
    const up = (await this.candidates()).filter(({ process }) => process.service === service);
    const replicas = this.hive.launcher.supervisor.list().filter((process) => process.service === service).length;
    return up.length > Math.min(1, replicas - 1) ? this.pick(up) : undefined;
  }

  private async candidates(): Promise<Candidate[]> {
    const registrations = await this.hive.witness.registrations().catch((): Registration[] => []);
    const loads = await this.hive.witness
      .loads(registrations.filter(isGroupMember))
      .catch(() => new Map<string, number>());
    const processes = this.hive.launcher.supervisor.list();
    const living = registrations.flatMap((registration) => {
      const process = processes.find(({ pid, state }) => pid === registration.pid && state === "ready");
      return process && !this.busy.has(process.name) && !this.killed.has(process.name)
        ? [{ process, registration }]
        : [];
    });
    const members = living.map(({ registration }) => registration);
    return living.map((one) => ({ ...one, members, load: loads.get(one.registration.incarnation) ?? 0 }));
  }

  private rollingRestart(kind: FaultKind): Fault | undefined {
    if (this.busy.has("rolling")) return undefined;
    const { supervisor } = this.hive.launcher;
    const fault = this.note({ kind, target: "all processes", at: momentNow(), held: [] });
    this.during(fault, "rolling", async () => {
      for (const { name } of supervisor.list().toReversed()) {
        if (this.ending.signal.aborted) return;
        if (!this.busy.has(name)) await supervisor.restart(name);
      }
    });
    return fault;
  }

  // ── Stores ───────────────────────────────────────────────────────────────────────────────────────────────────────

  private restart(
    kind: FaultKind,
    store: "redis" | "postgres",
    server: ManagedProcess,
    signal: NodeJS.Signals,
  ): Fault | undefined {
    if (this.busy.has(store)) return undefined;
    const at = momentNow();
    const ended = once(server, "exited");
    server.signal(signal);
    const fault = this.note({ kind, target: store, at, held: [] });
    this.during(fault, store, async () => {
      await ended;
      await server.start();
    });
    return fault;
  }

  private async inRedis(kind: FaultKind, [command, ...args]: string[]): Promise<Fault | undefined> {
    if (this.busy.has("redis")) return undefined;
    const { redis, keys, recording } = this.hive;
    const epoch = (await redis.call("GET", [keys.epoch])) as string | null;
    const at = momentNow();
    await redis.call(command!, args);
    recording.note(command === "FLUSHALL" ? { kind: "wipe", epoch: epoch ?? "" } : { kind });
    return this.note({ kind, target: "redis", at, held: [], endedAt: momentNow() });
  }

  private async pauseRedis(kind: FaultKind): Promise<Fault | undefined> {
    if (this.busy.has("redis")) return undefined;
    const ms = Math.ceil(this.random() * LONGEST_PAUSE_MS);
    const at = momentNow();
    await this.hive.redis.call("CLIENT", ["PAUSE", String(ms), "ALL"]);
    const fault = this.note({ kind, target: "redis", at, held: [] });
    this.during(fault, "redis", () => delay(ms));
    return fault;
  }

  private async terminateSessions(kind: FaultKind): Promise<Fault | undefined> {
    if (this.busy.has("postgres")) return undefined;
    const at = momentNow();
    await this.hive.database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()`,
    );
    return this.note({ kind, target: "postgres", at, held: [], endedAt: momentNow() });
  }

  // ── Bookkeeping ──────────────────────────────────────────────────────────────────────────────────────────────────

  private note(fault: Omit<Fault, "number">): Fault {
    const noted = { number: this.faults.length + 1, ...fault };
    this.faults.push(noted);
    this.onFault(noted);
    return noted;
  }

  /** Keeps what is struck from being struck again until the fault is over. */
  private during(fault: Fault, what: string, lasting: () => Promise<void>): void {
    this.busy.add(what);
    const over = lasting().then(() => {
      this.busy.delete(what);
      fault.endedAt = momentNow();
      this.onFault(fault);
    });
    this.ongoing.add(over);
    void over.finally(() => this.ongoing.delete(over)).catch(() => undefined); // told by `settle`
  }

  private async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.ending.signal }).catch(() => undefined);
  }

  private pick<T>(from: readonly T[]): T | undefined {
    return from[Math.floor(this.random() * from.length)];
  }
}
