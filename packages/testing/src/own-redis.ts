import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findRedis, freePort, type RedisBinary } from "@agent-hive/launcher";
import { Redis } from "ioredis";

/**
 * A redis-server of a test's own, to be wiped, frozen, killed and started again: what would disturb others on a shared one.
 *
 * What it has answered for survives a kill. With `everysec` it need not: while an fsync goes on in the background, Redis puts
 * off writing to its file for up to two seconds and answers all the same (aof.c, `flushAppendOnlyFile`); of 60 kills under
 * writes 5 took some, 960 of 1.3 million in all. With `no` none did.
 */
export class OwnRedis {
  readonly url: string;
  private readonly folder = mkdtempSync(join(tmpdir(), "own-redis-"));
  private server: ChildProcess | undefined;

  private constructor(
    private readonly binary: RedisBinary,
    private readonly port: number,
    private readonly flags: readonly string[],
  ) {
    this.url = `redis://127.0.0.1:${port}`;
  }

  /**
   * Resolves when it answers.
   *
   * @param flags further flags, over its own, e.g. `["--appendonly", "no"]` to lose everything with every life.
   * @param port default: a free one.
   */
  static async start(flags: readonly string[] = [], port?: number): Promise<OwnRedis> {
    const redis = new OwnRedis(await findRedis(), port ?? (await freePort()), flags);
    await redis.start();
    return redis;
  }

  /** Up again on the same port, with the data of its append-only file; resolves when it answers. */
  async start(): Promise<void> {
    const where = ["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.folder];
    const kept = ["--save", "", "--appendonly", "yes", "--appendfsync", "no"];
    const { program, libraryPath } = this.binary;
    const env = libraryPath ? { LD_LIBRARY_PATH: libraryPath } : {};
    this.server = spawn(program, [...where, ...kept, ...this.flags], { stdio: "ignore", env });
    const probe = new Redis(this.url, { retryStrategy: () => 10, maxLoadingRetryTime: 10, maxRetriesPerRequest: null });
    probe.on("error", () => undefined);
    await probe.ping();
    probe.disconnect();
  }

  /** Killed and up again, as a crash of its own would end; resolves when it answers. */
  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** What a loss of power takes: the latest writes that had not reached the disk. Only while it is not running. */
  cutAppendOnlyFile(bytes: number): void {
    const folder = join(this.folder, "appendonlydir");
    const latest = readdirSync(folder).find((name) => name.endsWith(".incr.aof"))!;
    const file = join(folder, latest);
    truncateSync(file, Math.max(0, statSync(file).size - bytes));
  }

  /** Ended by `SHUTDOWN NOSAVE`; what is in its append-only file stays. */
  async shutDown(): Promise<void> {
    const { server } = this;
    if (!server) return;
    const exit = once(server, "exit");
    const admin = new Redis(this.url, { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 });
    admin.on("error", () => undefined);
    await admin.connect();
    admin.call("SHUTDOWN", "NOSAVE").catch(() => undefined); // it answers by ending
    await exit;
    admin.disconnect();
    this.server = undefined;
  }

  /** SIGKILL: nothing is written any more. */
  async kill(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const exit = once(server, "exit");
    server.kill("SIGKILL");
    await exit;
  }

  freeze(): void {
    this.server?.kill("SIGSTOP");
  }

  thaw(): void {
    this.server?.kill("SIGCONT");
  }

  /** Kills it and removes its data. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
