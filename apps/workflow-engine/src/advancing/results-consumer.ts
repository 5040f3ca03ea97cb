import { ENGINES_GROUP, taskKeyOf, type StreamEntry } from "@agent-hive/contracts";
import type { Batch, DatabaseWatch, RecordedBatch } from "@agent-hive/persistence";
import { crashPoint, history } from "@agent-hive/proof";
import { GroupConsumer, type GroupAddress, type HiveMember, type RedisStreamsManager } from "@agent-hive/streams";
import { wallClockMs, type Logger } from "@agent-hive/telemetry";
import { countBatch } from "../metrics/count-batch.js";
import { isUnstorable } from "../store/store-errors.js";
import { eventsOf } from "./advance-events.js";
import { writeReportSpans } from "../tracing/message-spans.js";
import { deadLetterOf, readBatch, splitEntry, type ReadBatch, type Reader } from "./results-batch.js";
import type { Publication, TaskBatchExecutor } from "./task-batch-executor.js";
import type { Dispatch, WorkflowStateManager } from "./workflow-state-manager.js";

/** Results that one transaction is to record; entries carry one or many each, so that how many to ask for is learned. */
const RESULTS_AT_ONCE = 400;
const MOST_ENTRIES = 256;
/** How much the latest batch counts in what is known of the size of entries. */
const LEARNING_RATE = 0.3;
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
  private resultsPerEntry = 1;

  constructor(
    manager: RedisStreamsManager,
    private readonly member: HiveMember,
    private readonly database: Pick<DatabaseWatch, "whenUp">,
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
      capacity: () => this.entriesWanted(),
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

  private entriesWanted(): number {
    if (this.inHand.size >= BATCHES_AT_ONCE) return 0;
    return Math.min(MOST_ENTRIES, Math.ceil(RESULTS_AT_ONCE / this.resultsPerEntry));
  }

  private async advance(entries: StreamEntry[]): Promise<void> {
    await this.database.whenUp();
    const batch = readBatch(entries, this.reader());
    crashPoint("results.read");
    this.learn(batch.results.length / entries.length);
    await this.publish(entries, await this.record(entries, batch));
  }

  /**
   * Records in one transaction if that is possible. One result that PostgreSQL cannot store must not hold up the others:
   * it is found by halving, and set aside.
   */
  private async record(entries: StreamEntry[], batch = readBatch(entries, this.reader())): Promise<Publication[]> {
    try {
      const recorded = await this.commit(entries, batch);
      const at = new Date().toISOString();
      return [{ ...recorded, events: () => eventsOf(recorded, at, { ...batch, ...recorded }) }];
    } catch (error) {
      if (!isUnstorable(error)) throw error;
      const pieces = entries.length > 1 ? entries : splitEntry(entries[0]!);
      if (pieces.length === 1) return [await this.setAside(pieces[0]!, error)];
      const middle = Math.ceil(pieces.length / 2);
      return [...(await this.record(pieces.slice(0, middle))), ...(await this.record(pieces.slice(middle)))];
    }
  }

  private async setAside(entry: StreamEntry, reason: Error): Promise<Publication> {
    this.logger.error("a result cannot be stored and becomes a dead letter", { entryId: entry.id, err: reason });
    const why = { reason: "REJECTED", message: `PostgreSQL cannot store it: ${reason.message}` } as const;
    return this.commit([entry], { deadLetters: [deadLetterOf(entry, why, this.reader())] });
  }

  private async commit(
    entries: StreamEntry[],
    batch: Batch & Partial<Pick<ReadBatch, "traced">>,
  ): Promise<RecordedBatch & Dispatch> {
    const startMs = wallClockMs();
    const of = history?.note("record", { entries: entries.map(({ id }) => id), results: notedResults(batch) });
    const recorded = await this.state.recordBatch(batch);
    history?.note("recorded", { of, verdicts: recorded.verdicts });
    countBatch(batch, recorded);
    writeReportSpans(batch.traced ?? [], recorded.verdicts, startMs);
    return recorded;
  }

  private learn(resultsPerEntry: number): void {
    this.resultsPerEntry = Math.max(1, this.resultsPerEntry + LEARNING_RATE * (resultsPerEntry - this.resultsPerEntry));
  }

  private async publish(entries: StreamEntry[], recorded: Publication[]): Promise<void> {
    crashPoint("results.committed");
    const ids = entries.map((entry) => entry.id);
    const { status } = await this.executor.publish(joined(recorded), { ...this.address, ids });
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

function joined(parts: readonly Publication[]): Publication {
  if (parts.length === 1) return parts[0]!;
  return {
    dispatched: parts.flatMap((part) => part.dispatched ?? []),
    askedAtMs: Math.min(...parts.map((part) => part.askedAtMs ?? Infinity)),
    settled: parts.flatMap((part) => part.settled ?? []),
    events: () => parts.flatMap((part) => part.events?.() ?? []),
  };
}
const notedResults = ({ results = [] }: Batch): unknown[] =>
  results.map(({ workflowId, position, attempt, outcome, incarnation }) => [
    taskKeyOf(workflowId, position),
    attempt,
    outcome.status,
    incarnation,
  ]);
