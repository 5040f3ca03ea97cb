import { setTimeout as delay } from "node:timers/promises";
import { toError } from "@agent-hive/domain";
import type { RedisStreamsManager } from "@agent-hive/streams";
import type { Logger } from "@agent-hive/telemetry";
import type { GroupLoad, RoutingTable } from "./routing-table.js";

/** How often the table is brought up to date: the coordinator publishes that often. */
const INTERVAL_MS = 250;

/** What the feed reads from Redis. */
export type FeedStreams = Pick<RedisStreamsManager, "keys" | "readGroupStatus" | "registrations" | "call">;

/** Keeps the routing table up to date with what coordinator, registry and streams say. */
export class RoutingTableFeed {
  private stopping = new AbortController();
  private running: Promise<void> | undefined;
  private readonly first = Promise.withResolvers<void>();
  private failure: Error | undefined = new Error("The status of the groups has not been read yet.");

  constructor(
    private readonly streams: FeedStreams,
    private readonly table: RoutingTable,
    private readonly logger: Logger,
  ) {}

  /**
   * Brings the table up to date, again and again; while Redis is away the table stays as it is. Resolves after the first
   * success, before which nothing should be routed, or when it is stopped.
   */
  async start(): Promise<void> {
    if (this.stopping.signal.aborted) this.stopping = new AbortController();
    this.running ??= this.run(this.stopping.signal);
    await Promise.race([this.first.promise, this.running]);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    this.running = undefined;
  }

  /** @throws Error if the last look failed: health. */
  async check(): Promise<void> {
    if (this.failure) throw this.failure;
  }

  /** One look at the groups, and at the streams of those between which there is a choice. */
  async runOnce(): Promise<void> {
    const { table, streams } = this;
    table.updateStatus(await streams.readGroupStatus());
    await Promise.all(
      table.contested.map(async ({ name, stream }) => {
        const load = await this.loadOf(streams.keys.stream(stream));
        table.updateLoad(name, load, performance.now());
      }),
    );
  }

  /** Adds the capabilities of all that are registered now, without waiting for the coordinator to sum them up. */
  async learnFromRegistry(): Promise<void> {
    this.table.learnCapabilities(await this.streams.registrations());
  }

  private async loadOf(stream: string): Promise<GroupLoad> {
    try {
      const flat = (await this.streams.call("XINFO", ["STREAM", stream])) as unknown[];
      const valueOf = (name: string): number => Number(flat[flat.indexOf(name) + 1]);
      return { length: valueOf("length"), added: valueOf("entries-added") };
    } catch (error) {
      if (/no such key/.test(toError(error).message)) return { length: 0, added: 0 };
      throw error;
    }
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.runOnce();
        this.failure = undefined;
        this.first.resolve();
      } catch (thrown) {
        const error = toError(thrown);
        if (error.message !== this.failure?.message)
          this.logger.warn("the routing table stays as it is", { err: error });
        this.failure = error;
      }
      await delay(INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
