/** A PostgreSQL and a Redis for the benchmark alone: both systems use them in turn, and they may be emptied. */
import { Redis } from "ioredis";
import pg from "pg";
import { EmbeddedStores } from "@agent-hive/launcher";
import type { Processes } from "./process-usage.js";

export class BenchStores {
  readonly redis: Redis;
  private readonly admin: pg.Pool;

  private constructor(private readonly stores: EmbeddedStores) {
    this.redis = new Redis(stores.redisUrl);
    this.redis.on("error", () => {}); // told by the command that fails
    this.admin = new pg.Pool({ connectionString: stores.databaseUrl, max: 2 });
    this.admin.on("error", () => {}); // an idle connection that PostgreSQL closed is replaced
  }

  /** Starts both, whatever DATABASE_URL and REDIS_URL say. */
  static async start(onProgress: (line: string) => void): Promise<BenchStores> {
    return new BenchStores(await EmbeddedStores.start({ databaseUrl: "", redisUrl: "", onProgress }));
  }

  get redisUrl(): string {
    return this.stores.redisUrl;
  }

  processes(): Processes {
    return { postgresql: this.stores.postgres!.process.pid!, redis: this.stores.redis!.process.pid! };
  }

  /** Empties Redis and makes an empty database. */
  async renew(name: string): Promise<string> {
    await this.redis.flushall();
    await this.query(`drop database if exists ${name} with (force)`);
    await this.query(`create database ${name}`);
    await this.query("checkpoint"); // nobody pays for what the one before wrote
    return this.urlOf(name);
  }

  /** A query outside of the databases that are measured. */
  async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    return (await this.admin.query<Row>(text, values)).rows;
  }

  urlOf(database: string): string {
    const url = new URL(this.stores.databaseUrl);
    url.pathname = `/${database}`;
    return url.href;
  }

  /** Restarts PostgreSQL, for settings that need it. */
  async restartPostgres(): Promise<void> {
    await this.stores.postgres!.process.stop();
    await this.stores.postgres!.process.start();
  }

  /** Lets clients without a password in while the work is done. */
  async withoutPassword<T>(work: () => Promise<T>): Promise<T> {
    await this.redis.acl("SETUSER", "default", "nopass");
    try {
      return await work();
    } finally {
      await this.redis.acl("SETUSER", "default", "resetpass", `>${new URL(this.redisUrl).password}`);
    }
  }

  async stop(): Promise<void> {
    this.redis.disconnect();
    await this.admin.end();
    await this.stores.stop();
  }
}
