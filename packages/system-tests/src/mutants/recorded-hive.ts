import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import pg from "pg";
import { createKeys, type Keys, type WorkflowDefinitionInput } from "@agent-hive/contracts";
import { agentService } from "@agent-hive/launcher";
import { checkRun, startRecording, type Recording, type Verdict } from "../history/index.js";
import { keysOf } from "../history/look-at-redis.js";
import { TestHive } from "../test-hive.js";

/** Nothing has moved for so long although everybody is there: more than two rounds of the slowest recovery. */
const STILL_MS = 6_000;
const GIVE_UP_MS = 120_000;
const READY_WITHIN_MS = 180_000;
const LOOK_MS = 50;

const SERVICES = ["workflow-engine", "group-coordinator", "router"].map((name) => ({ name, service: name }));

/** A small hive whose run is recorded, with hands to hurt it. */
export class RecordedHive {
  readonly keys: Keys;
  readonly redis: Redis;
  private readonly connections: Redis[] = [];

  private constructor(
    readonly hive: TestHive,
    readonly database: pg.Client,
    private readonly recording: Recording,
    private readonly folder: string,
  ) {
    this.keys = createKeys(hive.keyPrefix);
    this.redis = this.openRedis();
  }

  /** @param env of all services; how a mutant is made. */
  static async start(options: { agents: number; slots: number; env?: NodeJS.ProcessEnv }): Promise<RecordedHive> {
    const folder = mkdtempSync(join(tmpdir(), "recorded-hive-"));
    const recording = await startRecording({ file: join(folder, "history.ndjson") });
    const agents = Array.from({ length: options.agents }, (_, index) => agentService("backend", index + 1));
    const env = { ...recording.env, HIVE_SLOTS: String(options.slots), HIVE_CHAOS_ENABLED: "false", ...options.env };
    const services = [...SERVICES, ...agents];
    // A defect may do what nobody has the right to: it is to be found by what comes of it.
    const starting = TestHive.start({ services, env, readyWithinMs: READY_WITHIN_MS, accounts: false });
    const hive = await starting.catch(async (error: unknown) => {
      await recording.stop();
      throw error;
    });
    recording.watch(hive.launcher.supervisor);
    const database = new pg.Client({ connectionString: hive.launcher.databaseUrl });
    await database.connect();
    return new RecordedHive(hive, database, recording, folder);
  }

  /** One more connection, closed with the hive. */
  openRedis(): Redis {
    const redis = new Redis(this.hive.launcher.redisUrl);
    this.connections.push(redis);
    return redis;
  }

  async submit(definition: WorkflowDefinitionInput, idempotencyKey?: string): Promise<string> {
    return (await this.hive.client.submit(definition, { idempotencyKey })).id;
  }

  kill(name: string): void {
    this.recording.note({ kind: "kill", pid: this.pidOf(name) });
    this.hive.launcher.supervisor.kill(name, "SIGKILL");
  }

  freeze(name: string): void {
    this.hive.launcher.supervisor.kill(name, "SIGSTOP");
    this.recording.note({ kind: "freeze", pid: this.pidOf(name) });
  }

  thaw(name: string): void {
    this.recording.note({ kind: "thaw", pid: this.pidOf(name) });
    this.hive.launcher.supervisor.kill(name, "SIGCONT");
  }

  /** A process stands still while something is done, not for so long that it is declared dead. */
  async stalled(name: string, act: () => Promise<unknown>): Promise<void> {
    const { supervisor } = this.hive.launcher;
    supervisor.kill(name, "SIGSTOP");
    try {
      await this.strike("hold-up", act);
    } finally {
      supervisor.kill(name, "SIGCONT");
    }
  }

  /** Redis loses everything that this hive has in it. */
  async wipe(): Promise<void> {
    const keys = await keysOf(this.redis, this.hive.keyPrefix);
    const epoch = (await this.redis.get(this.keys.epoch)) ?? "";
    await this.redis.del(...keys);
    this.recording.note({ kind: "wipe", epoch });
  }

  /** Does something to Redis or PostgreSQL and notes it. */
  async strike(kind: string, act: () => Promise<unknown>): Promise<void> {
    await act();
    this.recording.note({ kind });
  }

  /** Waits until the query, over the hive's database, counts at least so many. */
  async untilCounted(least: number, query: string, values: unknown[] = []): Promise<void> {
    await this.hive.until(
      query,
      async () => Number((await this.database.query(`select count(*) as n from ${query}`, values)).rows[0].n),
      (count) => count >= least,
    );
  }

  /** Waits until everything has ended, or nothing moves any more. */
  async settled(): Promise<void> {
    const giveUpAt = performance.now() + GIVE_UP_MS;
    for (let before = "", since = performance.now(); performance.now() < giveUpAt; await delay(LOOK_MS)) {
      const { running, moved } = await this.progress();
      if (running === 0) return this.emptied();
      if (moved === before && this.isComplete()) {
        if (performance.now() - since > STILL_MS) return;
        continue;
      }
      [before, since] = [moved, performance.now()];
    }
  }

  /** Stops the hive and judges its run. */
  async verdict(): Promise<Verdict> {
    await this.recording.look({ redisUrl: this.hive.launcher.redisUrl, keyPrefix: this.hive.keyPrefix });
    await this.hive.halt();
    await this.recording.stop();
    return checkRun({ file: join(this.folder, "history.ndjson"), databaseUrl: this.hive.launcher.databaseUrl });
  }

  /** May follow `verdict`, or whatever went wrong before. */
  async close(): Promise<void> {
    for (const redis of this.connections) redis.disconnect();
    await this.database.end();
    await this.hive.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async progress(): Promise<{ running: number; moved: string }> {
    const { rows } = await this.database.query(
      "select state, attempt, count(*)::integer as n from task group by state, attempt order by state, attempt",
    );
    const { rows: workflows } = await this.database.query(
      "select count(*)::integer as running from workflow where state = 'running'",
    );
    return { running: workflows[0].running, moved: JSON.stringify(rows) };
  }

  /** What is over leaves Redis a moment later. */
  private async emptied(): Promise<void> {
    const until = performance.now() + STILL_MS;
    while (performance.now() < until) {
      const lengths = await Promise.all([
        this.redis.hlen(this.keys.inFlight("backend")),
        ...[this.keys.dispatch, this.keys.results, this.keys.stream("agent_messages:backend")].map((stream) =>
          this.redis.xlen(stream),
        ),
      ]);
      if (lengths.every((length) => length === 0)) return;
      await delay(LOOK_MS);
    }
  }

  private isComplete(): boolean {
    return this.hive.launcher.supervisor.list().every(({ state }) => state === "ready");
  }

  private pidOf(name: string): number {
    return this.hive.launcher.supervisor.find(name).pid!;
  }
}
