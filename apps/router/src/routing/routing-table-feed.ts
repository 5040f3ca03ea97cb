import { toError } from "@agent-hive/domain";
import { Recurring } from "@agent-hive/service-kit";
import type { RedisStreamsManager } from "@agent-hive/streams";
import type { Logger } from "@agent-hive/telemetry";
import type { GroupLoad, RoutingTable } from "./routing-table.js";

/** How often the table is brought up to date: the coordinator publishes that often. */
const INTERVAL_MS = 250;

/** What the feed reads from Redis. */
export type FeedStreams = Pick<RedisStreamsManager, "keys" | "readGroupStatus" | "registrations" | "call">;

/** Keeps the routing table up to date with what coordinator, registry and streams say. */
export class RoutingTableFeed {
  private readonly recurring: Recurring;
  private readonly first = Promise.withResolvers<void>();

  constructor(
    private readonly streams: FeedStreams,
    private readonly table: RoutingTable,
    logger: Logger,
  ) {
    const runOnce = async (): Promise<void> => {
      await this.runOnce();
      this.first.resolve();
    };
    this.recurring = new Recurring({ name: "updating the routing table", intervalMs: INTERVAL_MS, runOnce, logger });
  }

  /**
   * Brings the table up to date, again and again; while Redis is away the table stays as it is. Resolves after the first
   * success, before which nothing should be routed, or when it is stopped.
   */
  async start(): Promise<void> {
    this.recurring.start();
    void this.recurring.runNow();
    await this.first.promise;
  }

  async stop(): Promise<void> {
    await this.recurring.stop();
    this.first.resolve();
  }

  /** @throws Error if the last look failed: health. */
  async check(): Promise<void> {
    await this.recurring.check();
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
}
