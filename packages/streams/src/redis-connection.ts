/**
 * One connection to Redis under our rules, which are not ioredis's:
 * - every command settles: with its reply, with an error, or with a CommandTimeoutError at its deadline;
 * - nothing is ever sent twice by itself: what was unanswered when the connection broke is rejected at once;
 * - reconnection is fast, and never slower than every 250 ms;
 * - a connection that does not answer is destroyed, since a half-open one would stay so for minutes.
 */
import { EventEmitter } from "node:events";
import { Redis, ReplyError } from "ioredis";
import { CommandTimeoutError, ConnectionLostError } from "./errors.js";
import { withDeadline } from "./deadline.js";
import { reconnectDelayMs } from "./backoff.js";

/** Also the longest time to wait for a TCP connection. */
const DEFAULT_COMMAND_TIMEOUT_MS = 2_000;
/** How often a server that is loading its data is asked again. */
const LOADING_POLL_MS = 50;

/** A connection as the server knows it. */
export interface ConnectionIdentity {
  clientId: string;
  /** The server's run id. */
  runId: string;
}

export interface RedisConnectionOptions {
  url: string;
  /** Shown by CLIENT LIST. */
  name: string;
  /** Default 2,000 ms. */
  commandTimeoutMs?: number;
  /**
   * Whether a command given while there is no connection waits for the next one. Default false: it is rejected, for what
   * may be said on a connection (in whose name to read, say) may have to be asked anew on the next.
   */
  waitsForConnection?: boolean;
}

interface ConnectionEvents {
  /** Connected, or connected again. */
  up: [identity: ConnectionIdentity];
  /** The connection that had this identity is gone. */
  down: [identity: ConnectionIdentity];
  /** Trouble with the connection; it goes on trying. */
  trouble: [error: Error];
  /** Closed for good. */
  closed: [];
}

export class RedisConnection extends EventEmitter<ConnectionEvents> {
  private readonly redis: Redis;
  private readonly commandTimeoutMs: number;
  private current: ConnectionIdentity | undefined;
  private isClosed = false;

  constructor(options: RedisConnectionOptions) {
    super();
    this.commandTimeoutMs = options.commandTimeoutMs ?? DEFAULT_COMMAND_TIMEOUT_MS;
    this.redis = new Redis(options.url, {
      lazyConnect: true,
      protocol: 2, // RESP3 gives XREADGROUP's reply another shape
      disableClientInfo: true,
      connectionName: options.name,
      connectTimeout: this.commandTimeoutMs,
      retryStrategy: (attempt) => reconnectDelayMs(attempt, Math.random()),
      maxLoadingRetryTime: LOADING_POLL_MS,
      disconnectTimeout: 1, // its timer would outlive a connection that is closed while there is none
      // Rejects all that is unanswered whenever the connection closes; with any other number, or with
      // autoResendUnfulfilledCommands alone, promises hang or commands run twice (ioredis#2193).
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      enableOfflineQueue: options.waitsForConnection ?? false,
    });
    this.redis.on("error", (error: Error) => this.emit("trouble", error));
    this.redis.on("ready", () => void this.identify());
    this.redis.on("close", () => this.forgetIdentity());
  }

  /** The connection as it is now; undefined while there is none. */
  get identity(): ConnectionIdentity | undefined {
    return this.current;
  }

  /**
   * Connects, however long it takes: keeps trying until it succeeds or `close` is called.
   *
   * @throws ConnectionLostError when it was closed meanwhile.
   */
  async connect(): Promise<ConnectionIdentity> {
    if (this.current) return this.current;
    if (this.isClosed) throw new ConnectionLostError("connect", new Error("The connection was closed."));
    if (this.redis.status === "wait") this.redis.connect().catch(() => undefined);
    return new Promise((resolve, reject) => {
      const settle = (identity?: ConnectionIdentity): void => {
        this.off("up", settle);
        this.off("closed", settle);
        if (identity) resolve(identity);
        else reject(new ConnectionLostError("connect", new Error("The connection was closed.")));
      };
      this.on("up", settle);
      this.on("closed", settle);
    });
  }

  /**
   * Sends one command.
   *
   * @param timeoutMs the deadline; by default the connection's.
   * @throws CommandTimeoutError or ConnectionLostError when the effect is unknown; ReplyError when Redis refused.
   */
  async call(command: string, args: readonly string[], timeoutMs = this.commandTimeoutMs): Promise<unknown> {
    if (this.isClosed) throw new ConnectionLostError(command, new Error("The connection was closed."));
    try {
      return await withDeadline(this.redis.call(command, args as string[]), command, timeoutMs);
    } catch (error) {
      if (error instanceof ReplyError) throw error;
      if (!(error instanceof CommandTimeoutError)) throw new ConnectionLostError(command, error);
      this.destroySocket();
      throw error;
    }
  }

  /** Breaks the connection off at once; it connects again by itself. */
  destroySocket(): void {
    this.redis.stream?.destroy();
  }

  /** Closes for good, without waiting for anything. May be called twice, or before `connect`. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.redis.disconnect();
    this.destroySocket();
    this.emit("closed");
  }

  private async identify(): Promise<void> {
    try {
      const [clientId, info] = await Promise.all([this.call("CLIENT", ["ID"]), this.call("INFO", ["server"])]);
      const runId = /^run_id:(\w+)/m.exec(String(info))?.[1] ?? "";
      this.current = { clientId: String(clientId), runId };
      this.emit("up", this.current);
    } catch (error) {
      // The connection broke again (then there will be another "ready"), or the server does not answer.
      this.destroySocket();
      this.emit("trouble", error as Error);
    }
  }

  private forgetIdentity(): void {
    const gone = this.current;
    this.current = undefined;
    if (gone) this.emit("down", gone);
  }
}
