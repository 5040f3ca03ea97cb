import { setTimeout as sleep } from "node:timers/promises";
import { eventBatchSchema, parsePayload, type HiveEvent } from "@agent-hive/contracts";
import type { RedisConnection, RedisStreamsManager } from "@agent-hive/streams";
import type { Logger } from "@agent-hive/telemetry";

/** Events that were published together. */
export interface EventBatch {
  /** Id of their entry in the events stream. */
  id: string;
  events: HiveEvent[];
}

type Listener = (batch: EventBatch) => void;

/** Longest blocking read; its connection is looked after beyond that. */
const BLOCK_MS = 1000;
const READ_DEADLINE_MS = 3000;
const COUNT = 100;
const RETRY_MS = 250;
/** Others go on telling events for so long without hearing of this onlooker again. */
const ONLOOKER_SECONDS = 30;
const ONLOOKER_AGAIN_MS = 10_000;

/**
 * The hive's events, live, for onlookers of this process. It reads only while somebody listens, on a connection of its
 * own, and only while somebody listens to any engine the hive tells what happens; a listener that throws harms nobody.
 * Best effort: what a decision needs is in PostgreSQL.
 */
export class EventFeed {
  private readonly listeners = new Set<Listener>();
  private connection: RedisConnection | undefined;
  private position = "$";
  private listening = Promise.withResolvers<void>();
  private announcing: NodeJS.Timeout | undefined;

  constructor(
    private readonly manager: Pick<RedisStreamsManager, "keys" | "call" | "openConnection" | "announceOnlooker">,
    private readonly logger: Logger,
  ) {}

  /** Events from now on. @returns what ends it. */
  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    this.connection ??= this.open();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.close();
    };
  }

  /** Resolves when the feed hears everything from now on; after `limitMs` (default 500) all the same. */
  async ready(limitMs = 500): Promise<void> {
    await Promise.race([this.listening.promise, sleep(limitMs, undefined, { ref: false })]);
  }

  /** Kept events after an id, oldest first. */
  async *since(id: string): AsyncGenerator<EventBatch> {
    for (let after = id; ;) {
      const reply = await this.manager.call("XRANGE", [
        this.manager.keys.events,
        `(${after}`,
        "+",
        "COUNT",
        String(COUNT),
      ]);
      const batches = (reply as RawEntry[]).map(toBatch);
      yield* batches;
      if (batches.length < COUNT) return;
      after = batches.at(-1)!.id;
    }
  }

  /** Ends the reading; listeners hear nothing more. */
  close(): void {
    this.listeners.clear();
    clearInterval(this.announcing);
    this.connection?.close();
    this.connection = undefined;
  }

  private open(): RedisConnection {
    const connection = this.manager.openConnection("events");
    this.position = "$";
    this.listening = Promise.withResolvers();
    this.announcing = setInterval(() => void this.announce(false), ONLOOKER_AGAIN_MS).unref();
    void this.follow(connection);
    return connection;
  }

  private async follow(connection: RedisConnection): Promise<void> {
    await connection.connect().catch(() => undefined);
    while (this.connection === connection) {
      try {
        if (this.position === "$") {
          this.position = await this.lastId(connection);
          await this.announce(true);
        }
        this.listening.resolve();
        const args = [
          "BLOCK",
          String(BLOCK_MS),
          "COUNT",
          String(COUNT),
          "STREAMS",
          this.manager.keys.events,
          this.position,
        ];
        const reply = (await connection.call("XREAD", args, READ_DEADLINE_MS)) as [string, RawEntry[]][] | null;
        for (const entry of reply?.[0]?.[1] ?? []) this.hand(toBatch(entry));
      } catch (error) {
        if (this.connection !== connection) return;
        this.logger.debug("events cannot be read at the moment", { err: error });
        await sleep(RETRY_MS);
      }
    }
  }

  private async announce(isNew: boolean): Promise<void> {
    await this.manager
      .announceOnlooker(ONLOOKER_SECONDS, isNew)
      .catch((error: unknown) => this.logger.debug("an onlooker could not be announced", { err: error }));
  }

  private async lastId(connection: RedisConnection): Promise<string> {
    const reply = (await connection.call("XREVRANGE", [
      this.manager.keys.events,
      "+",
      "-",
      "COUNT",
      "1",
    ])) as RawEntry[];
    return reply[0]?.[0] ?? "0-0";
  }

  private hand(batch: EventBatch): void {
    this.position = batch.id;
    for (const listener of this.listeners) {
      try {
        listener(batch);
      } catch (error) {
        this.logger.warn("a listener of events failed", { err: error });
      }
    }
  }
}

type RawEntry = [id: string, fields: string[]];

function toBatch([id, fields]: RawEntry): EventBatch {
  const payload = fields[fields.indexOf("m") + 1] ?? "";
  const parsed = parsePayload(eventBatchSchema, payload);
  return { id, events: parsed.ok ? parsed.value : [] };
}
