import type { StreamEntry } from "@agent-hive/contracts";
import { crashPoint } from "@agent-hive/proof";
import type { MemberIdentity, RedisStreamsManager } from "@agent-hive/streams";
import { count as addTo, wallClockMs, type Logger } from "@agent-hive/telemetry";
import type { RoutingTableFeed } from "./routing-table-feed.js";
import type { RoutingTable } from "./routing-table.js";
import { writeRoutingSpans } from "../tracing/routing-spans.js";
import { sortBatch, type SortedBatch } from "./sort-batch.js";

/** What the router needs of Redis. */
export type RouterStreams = Pick<RedisStreamsManager, "keys" | "routeTasks">;

/** What became of a batch. Stale: superseded attempts, dropped. Lost: entries that another router owns by now. */
export interface RoutedCounts {
  routed: number;
  deadLettered: number;
  stale: number;
  lost: number;
}

/** Sends each task to the fitting group, and sets aside what no group can take. */
export class WorkflowMessageRouter {
  constructor(
    private readonly streams: RouterStreams,
    private readonly table: RoutingTable,
    private readonly feed: Pick<RoutingTableFeed, "learnFromRegistry">,
    private readonly logger: Logger,
  ) {}

  /**
   * Routes a batch of the dispatch stream: decides, then moves and acknowledges in one script a hundred tasks. Nothing
   * is acknowledged unless it is moved (keeps I6), so after a failure the same batch is simply routed again.
   *
   * @throws what Redis answers, or CommandTimeoutError: the outcome is unknown and the entries are still pending, or gone.
   */
  async route(entries: readonly StreamEntry[], by: MemberIdentity): Promise<RoutedCounts> {
    crashPoint("dispatch.read");
    const startMs = wallClockMs();
    const batch = await this.decide(entries, by);
    const report = await this.streams.routeTasks(by, batch);
    crashPoint("dispatch.routed");
    writeRoutingSpans(batch, report, startMs);
    const { routed, deadLetters } = report;
    const outcomes = [...routed, ...deadLetters];
    const count = (outcome: (typeof outcomes)[number]): number => outcomes.filter((each) => each === outcome).length;
    const counts = {
      routed: count("routed"),
      deadLettered: count("dead-lettered"),
      stale: count("stale"),
      lost: count("lost"),
    };
    countTasks(counts);
    if (counts.deadLettered > 0) this.logger.warn("entries were set aside as dead letters", { ...counts });
    return counts;
  }

  /** Nothing is called unroutable before the registry was asked: its consumer may have come up this very moment. */
  private async decide(entries: readonly StreamEntry[], by: MemberIdentity): Promise<SortedBatch> {
    const context = { keys: this.streams.keys, by };
    const first = sortBatch(entries, this.table, context);
    if (first.deadLetters.length === 0) return first;
    await this.feed.learnFromRegistry();
    const doubtful = new Set(first.deadLetters.map((letter) => letter.entryId));
    const again = entries.filter((entry) => doubtful.has(entry.id));
    const second = sortBatch(again, this.table, context);
    const certain = first.routed.filter((entry) => !doubtful.has(entry.entryId));
    return { routed: [...certain, ...second.routed], deadLetters: second.deadLetters };
  }
}

function countTasks({ routed, deadLettered, stale, lost }: RoutedCounts): void {
  for (const [outcome, by] of Object.entries({ routed, dead_lettered: deadLettered, stale, lost })) {
    addTo("hive_routed_tasks_total", { outcome }, by);
  }
}
