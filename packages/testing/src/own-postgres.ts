import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { EmbeddedStores, type ManagedProcess } from "@agent-hive/launcher";
import pg from "pg";

const run = promisify(execFile);
/** A server that is there already is never asked: only the other one is started. */
const NO_REDIS = "redis://unused";

/** A PostgreSQL of a test's own, to be crashed, frozen and starved: what would disturb others on a shared one. */
export class OwnPostgres {
  private frozen: number[] = [];

  private constructor(
    private readonly stores: EmbeddedStores,
    private readonly server: ManagedProcess,
  ) {}

  /**
   * Resolves when it accepts connections.
   *
   * @param settings over the usual ones, e.g. `{ max_connections: "40" }`.
   */
  static async start(settings: Record<string, string> = {}): Promise<OwnPostgres> {
    const stores = await EmbeddedStores.start({ databaseUrl: "", redisUrl: NO_REDIS, postgresSettings: settings });
    return new OwnPostgres(stores, stores.postgres!.process);
  }

  /** The server's own database; its user may do everything. */
  get url(): string {
    return this.stores.databaseUrl;
  }

  /** An immediate shutdown, as `pg_ctl -m immediate` makes it: nothing is finished, and the next start recovers. */
  async crash(): Promise<void> {
    this.server.signal("SIGQUIT");
    await this.server.stop();
  }

  /** Up again at the same address; resolves when it accepts connections. */
  async start(): Promise<void> {
    await this.server.start();
  }

  /** Stops all of its processes where they stand: connections stay, nothing is answered. */
  async freeze(): Promise<void> {
    const postmaster = this.server.pid;
    if (postmaster === undefined) return;
    process.kill(postmaster, "SIGSTOP"); // first, so that it has no more children
    this.frozen = [postmaster, ...(await childrenOf(postmaster))];
    for (const pid of this.frozen) signal(pid, "SIGSTOP");
  }

  thaw(): void {
    for (const pid of this.frozen.splice(0)) signal(pid, "SIGCONT");
  }

  /** Runs a statement on a connection of its own, which may write whatever others may. */
  async query<Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.url, options: "-c default_transaction_read_only=off" });
    client.on("error", () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Ends it and removes its data. */
  async stop(): Promise<void> {
    this.thaw();
    await this.stores.stop();
  }
}

async function childrenOf(parent: number): Promise<number[]> {
  const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid="]);
  return stdout.split("\n").flatMap((line) => {
    const [pid, ppid] = line.trim().split(/\s+/).map(Number);
    return ppid === parent ? [pid!] : [];
  });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended by itself.
  }
}
