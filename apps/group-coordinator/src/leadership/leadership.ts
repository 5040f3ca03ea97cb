/**
 * Which coordinator leads: whoever holds an advisory lock in PostgreSQL. Each rule has a term, a number that only grows;
 * every write of a leader carries it, and Redis refuses the writes of an older one. Leadership is for efficiency only:
 * two leaders at once would do the same work twice, never wrongly.
 *
 * While PostgreSQL is away nobody can be elected, so the leader goes on with the term it has. What it must not do is lead
 * on once PostgreSQL is back and another holds the lock; it learns that when it asks for the lock again.
 */
import { EventEmitter } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { toError } from "@agent-hive/domain";
import { crashPoint } from "@agent-hive/proof";
import type { Logger } from "@agent-hive/telemetry";
import { LEADERSHIP_SQL } from "./leadership-sql.js";

/** How often a follower asks for the lock and a leader checks its connection, in milliseconds: the gap between two rules. */
const LOOK_MS = 200;
const STATEMENT_TIMEOUT_MS = 2_000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;

/** How things stand, for health and queries. */
export interface LeadershipState {
  /** The term of this process's rule; undefined while it follows. */
  term: number | undefined;
  /** Whether PostgreSQL answered last time. */
  connected: boolean;
}

export interface LeadershipOptions {
  databaseUrl: string;
  /** Hives that share a database lead separately: the prefix of their keys in Redis. */
  scope: string;
  /** Name of this process on its connection, by which others know the holder of the lock. Asked at each connection. */
  holder: () => string;
  /** The highest term that Redis has seen, 0 if that is unknown: a new term is above it. */
  highestTerm: () => Promise<number>;
  /** Whether that holder was declared dead: a frozen process keeps its connection, and with it the lock, for ever. */
  isDead: (holder: string) => Promise<boolean>;
  logger: Logger;
}

/** Competes for leadership from `start()` to `stop()`; both may be called twice, in any order. */
export class Leadership extends EventEmitter<{ changed: [LeadershipState] }> {
  private current: LeadershipState = { term: undefined, connected: false };
  private stopping = new AbortController();
  private competing: Promise<void> | undefined;
  private client: pg.Client | undefined;

  constructor(private readonly options: LeadershipOptions) {
    super();
  }

  get state(): LeadershipState {
    return this.current;
  }

  start(): void {
    if (this.stopping.signal.aborted) this.stopping = new AbortController();
    this.competing ??= this.compete(this.stopping.signal);
  }

  /** Gives the lock back at once, so that another can lead. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.competing;
    this.competing = undefined;
    this.become({ term: undefined, connected: false });
  }

  /** Drops the connection, and the lock with it, and competes again under the name that `holder` gives now. */
  async restart(): Promise<void> {
    this.become({ ...this.current, term: undefined });
    await this.client?.end();
  }

  private async compete(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      try {
        await this.followThenLead(signal, () => (failures = 0));
      } catch (error) {
        if (signal.aborted) return;
        if (failures++ === 0) {
          this.options.logger.warn("PostgreSQL is away; leadership stays as it is", {
            err: toError(error),
            ...this.current,
          });
        }
        this.become({ ...this.current, connected: false });
        const limit = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
        await delay(limit * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Returns when stopped; throws when the connection is lost. */
  private async followThenLead(signal: AbortSignal, connected: () => void): Promise<void> {
    const client = await this.connect();
    try {
      connected();
      while (!signal.aborted && !(await this.tryLock(client))) {
        this.become({ term: undefined, connected: true });
        await this.unseatDeadHolder(client);
        await delay(LOOK_MS, undefined, { signal });
      }
      if (!signal.aborted) this.become({ term: await this.nextTerm(client), connected: true });
      while (!signal.aborted) {
        await delay(LOOK_MS, undefined, { signal });
        await client.query("SELECT 1");
      }
    } finally {
      this.client = undefined;
      await client.end().catch(() => undefined);
    }
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.options.databaseUrl,
      application_name: this.options.holder(),
      connectionTimeoutMillis: STATEMENT_TIMEOUT_MS,
      query_timeout: STATEMENT_TIMEOUT_MS,
      // Killed inside a query, the holder would keep the lock until the server next wrote to it.
      options: `-c client_connection_check_interval=${LOOK_MS}`,
    });
    // The next query fails as well, and that is where the loss is handled; an unheard event would end the process.
    client.on("error", () => undefined);
    await client.connect();
    this.client = client;
    return client;
  }

  private async tryLock(client: pg.Client): Promise<boolean> {
    const { rows } = await client.query<{ locked: boolean }>(LEADERSHIP_SQL.tryLock, [this.options.scope]);
    return rows[0]!.locked;
  }

  /** Only the holder of the lock gets here, so creating the sequence races with nobody. */
  private async nextTerm(client: pg.Client): Promise<number> {
    crashPoint("leadership.locked");
    await client.query(LEADERSHIP_SQL.createTerms);
    const { rows } = await client.query<{ term: string }>(LEADERSHIP_SQL.nextTerm, [await this.options.highestTerm()]);
    crashPoint("leadership.taken");
    return Number(rows[0]!.term);
  }

  private async unseatDeadHolder(client: pg.Client): Promise<void> {
    const { rows } = await client.query<{ pid: number; holder: string }>(LEADERSHIP_SQL.holder, [this.options.scope]);
    const found = rows[0];
    if (found === undefined || !(await this.options.isDead(found.holder))) return;
    await client.query(LEADERSHIP_SQL.unseat, [found.pid, found.holder]);
    this.options.logger.warn("took the lock from a leader that was declared dead", { holder: found.holder });
  }

  private become(next: LeadershipState): void {
    const { term, connected } = this.current;
    if (next.term === term && next.connected === connected) return;
    this.current = next;
    if (next.term !== term)
      this.options.logger.info(next.term === undefined ? "following" : "leading", { term: next.term });
    this.emit("changed", next);
  }
}
