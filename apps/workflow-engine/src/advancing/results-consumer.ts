import { ENGINES_GROUP, type HiveEvent, type StreamEntry } from "@agent-hive/contracts";
import type { RecordedBatch } from "@agent-hive/persistence";
import { crashPoint } from "@agent-hive/proof";
import { GroupConsumer, type GroupAddress, type HiveMember, type RedisStreamsManager } from "@agent-hive/streams";
import type { Logger } from "@agent-hive/telemetry";
import { isUnstorable } from "../store/store-errors.js";
import { eventsOf } from "./advance-events.js";
import { deadLetterOf, readBatch, type Reader } from "./results-batch.js";
import type { TaskBatchExecutor } from "./task-batch-executor.js";
import type { WorkflowStateManager } from "./workflow-state-manager.js";

/** Entries of one batch at most: one transaction. */
const BATCH_SIZE = 256;
/** While one batch is in PostgreSQL the next is read. More at once would only make them smaller. */
const BATCHES_AT_ONCE = 2;

/**
 * Records what the agents reported and advances the workflows.
 *
 * - Leaves I2 and I3 to the store: whether a result counts is decided in its transaction.
 * - Keeps I6: entries are acknowledged by the script that publishes what they led to. If PostgreSQL fails, or the outcome
 *   of a commit is not known, the same entries are handed over again, and the store recognises what it has.
 */
export class ResultsConsumer {
  private readonly address: GroupAddress;
  private readonly consumer: GroupConsumer;
  private readonly inHand = new Set<Promise<void>>();

  constructor(
    manager: RedisStreamsManager,
    private readonly member: HiveMember,
    private readonly state: WorkflowStateManager,
    private readonly executor: TaskBatchExecutor,
    private readonly pump: { expectWork(): void },
    agentTypes: readonly string[],
    private readonly logger: Logger,
  ) {
    this.address = { stream: manager.keys.results, group: ENGINES_GROUP };
    this.consumer = new GroupConsumer({
      ...this.address,
      manager,
      member,
      lostWork: { state: "done", agentTypes: [...agentTypes], alsoIn: [] },
      capacity: () => (this.inHand.size < BATCHES_AT_ONCE ? BATCH_SIZE : 0),
      onEntries: (entries) => this.consume(entries),
    });
  }

  start(): void {
    this.consumer.start();
  }

  /** Takes no more entries. */
  quiet(): void {
    this.consumer.quiet();
  }

  /** Resolves when nothing is in hand. Quiet first. */
  async drained(): Promise<void> {
    await Promise.allSettled(this.inHand);
  }

  /** Ends the reading; what is still in hand stays pending and is claimed by others. */
  async stop(): Promise<void> {
    await this.consumer.stop();
  }

  private async consume(entries: StreamEntry[]): Promise<void> {
    const work = this.advance(entries);
    this.inHand.add(work);
    try {
      await work;
    } finally {
      this.inHand.delete(work);
    }
  }

  private async advance(entries: StreamEntry[]): Promise<void> {
    const batch = readBatch(entries, this.reader());
    crashPoint("results.read");
    let recorded: RecordedBatch;
    try {
      recorded = await this.state.recordBatch(batch);
    } catch (error) {
      if (!isUnstorable(error)) throw error;
      return this.isolate(entries, error);
    }
    await this.publish(entries, recorded, eventsOf(recorded, new Date().toISOString(), { ...batch, ...recorded }));
  }

  /** One entry that PostgreSQL cannot store must not hold up the others: it is found by halving, and set aside. */
  private async isolate(entries: StreamEntry[], reason: Error): Promise<void> {
    if (entries.length > 1) {
      const middle = Math.ceil(entries.length / 2);
      await this.advance(entries.slice(0, middle));
      return this.advance(entries.slice(middle));
    }
    const entry = entries[0]!;
    this.logger.error("a result cannot be stored and becomes a dead letter", { entryId: entry.id, err: reason });
    const why = { reason: "REJECTED", message: `PostgreSQL cannot store it: ${reason.message}` } as const;
    const recorded = await this.state.recordBatch({ deadLetters: [deadLetterOf(entry, why, this.reader())] });
    await this.publish(entries, recorded, []);
  }

  private async publish(entries: StreamEntry[], recorded: RecordedBatch, events: HiveEvent[]): Promise<void> {
    crashPoint("results.committed");
    const ids = entries.map((entry) => entry.id);
    const { status } = await this.executor.publish({ ...recorded, events }, { ...this.address, ids });
    if (status === "lost") this.logger.info("results belong to another engine by now", { count: ids.length });
    crashPoint("results.published");
    this.consumer.settled(ids);
    this.pump.expectWork();
  }

  private reader(): Reader {
    const { incarnation, agentId } = this.member.identity;
    return { stream: this.address.stream, incarnation, agentId };
  }
}
