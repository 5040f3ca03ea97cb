/**
 * Whether PostgreSQL answers, asked four times a second on a connection of its own: so nobody else has to find out by
 * waiting for it, and everybody learns at once when it is back.
 *
 * It judges by silence, not by slowness: a statement of another connection may take as long as it likes.
 */
import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { TransientError, toError } from "@agent-hive/domain";
import { sessionSettings, type DatabaseOptions } from "./database.js";

/** `read-only`: it answers, and takes no writes: a standby, a full disk, an operator who told it to. */
export type DatabaseState = "up" | "read-only" | "away";

const ASK_EVERY_MS = 250;
/** Long for so small a question, short for whoever waits for an answer over HTTP. */
const ANSWER_WITHIN_MS = 1_000;
/** An answer that came while this process was busy is read before silence is declared. */
const GRACE_MS = 50;
const FIRST_RETRY_MS = 25;
/** Work is to go on within a second of PostgreSQL's return. */
const LONGEST_RETRY_MS = 200;

/** PostgreSQL does not answer, or takes no writes: nothing was asked of it. */
export class DatabaseAwayError extends TransientError {
  constructor(state: Exclude<DatabaseState, "up">, cause?: unknown) {
    const message = state === "away" ? "PostgreSQL does not answer." : "PostgreSQL is read-only at the moment.";
    super(state === "away" ? "DATABASE_AWAY" : "DATABASE_READ_ONLY", message, { cause });
  }
}

interface DatabaseWatchEvents {
  changed: [state: DatabaseState, reason: Error | undefined];
}

export class DatabaseWatch extends EventEmitter<DatabaseWatchEvents> {
  private current: DatabaseState = "up";
  private reason: Error | undefined;
  private readonly stopping = new AbortController();
  private watching: Promise<void> | undefined;

  /** @param options of whom it watches for; `maxConnections` has no meaning here. */
  constructor(private readonly options: DatabaseOptions) {
    super();
    this.setMaxListeners(0);
  }

  get state(): DatabaseState {
    return this.current;
  }

  /** Taken to be up until it is found not to be. */
  start(): void {
    this.watching ??= this.watch(this.stopping.signal);
  }

  /** Whoever waits for PostgreSQL is told that it is away. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.watching;
    this.become("away", new Error("The watch has ended."));
    this.removeAllListeners();
  }

  /** @throws DatabaseAwayError at once, if what is wanted cannot be had. */
  check(wanted: "read" | "write"): void {
    if (this.current === "away" || (this.current === "read-only" && wanted === "write")) throw this.error();
  }

  /** Resolves once it takes writes. @throws DatabaseAwayError if the watch was stopped. */
  async whenUp(): Promise<void> {
    while (this.current !== "up") {
      if (this.stopping.signal.aborted) throw this.error();
      await new Promise((resolve) => this.once("changed", resolve));
    }
  }

  private async watch(signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted;) {
      try {
        await this.ask(signal, () => (failures = 0));
      } catch (error) {
        if (signal.aborted) return;
        this.become("away", toError(error));
        const limitMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures++, 8));
        await pause(limitMs * (0.5 + Math.random() / 2), signal);
      }
    }
  }

  /** Asks again and again on one connection. @throws what ends it. */
  private async ask(signal: AbortSignal, onAnswer: () => void): Promise<void> {
    const client = new pg.Client({
      connectionString: this.options.url,
      ...sessionSettings(this.options),
      connectionTimeoutMillis: ANSWER_WITHIN_MS,
    });
    const broken = new AbortController();
    client.on("error", (error) => broken.abort(error));
    client.on("end", () => broken.abort(new Error("The connection to PostgreSQL ended.")));
    try {
      await client.connect();
      while (!signal.aborted) {
        const state = await answerOf(client);
        onAnswer();
        this.become(state);
        await pause(ASK_EVERY_MS, AbortSignal.any([signal, broken.signal]));
        broken.signal.throwIfAborted();
      }
    } finally {
      // With a question open it breaks the connection off, which is what a silent one needs.
      void client.end().catch(() => undefined);
    }
  }

  private become(state: DatabaseState, reason?: Error): void {
    this.reason = reason;
    if (state === this.current) return;
    this.current = state;
    this.emit("changed", state, reason);
  }

  private error(): DatabaseAwayError {
    return new DatabaseAwayError(this.current === "read-only" ? "read-only" : "away", this.reason);
  }
}

async function answerOf(client: pg.Client): Promise<DatabaseState> {
  const answer = client.query<{ writable: boolean }>(
    "select not pg_is_in_recovery() and current_setting('default_transaction_read_only') = 'off' as writable",
  );
  const silence = new AbortController();
  const silent = pause(ANSWER_WITHIN_MS, silence.signal)
    .then(() => pause(GRACE_MS, silence.signal))
    .then(() => Promise.reject(new Error(`PostgreSQL did not answer within ${ANSWER_WITHIN_MS} ms.`)));
  try {
    const { rows } = await Promise.race([answer, silent]);
    return rows[0]!.writable ? "up" : "read-only";
  } finally {
    silent.catch(() => undefined);
    answer.catch(() => undefined);
    silence.abort();
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
