/** Keeps the agents of a hive busy with random workflows, whatever happens to it, and knows all that it accepted. */
import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import type { HiveClient } from "@agent-hive/client";
import { randomWorkflow } from "./random-workflow.js";

const LOOK_EVERY_MS = 50;
const RETRY_MS = 100;
/** Submissions begun in one look at most, so that a hive that comes back is not flooded. */
const SUBMISSIONS_A_LOOK = 4;

export interface SustainedLoadOptions {
  client: HiveClient;
  database: pg.Pool;
  /** Names the workflows, and their submissions for repeating them. */
  name: string;
  random: () => number;
  /** Tasks that should be ready or running at any time. */
  busyTasks: number;
}

export class SustainedLoad {
  /** Workflows that the hive said it had accepted, with the number of their tasks. */
  readonly accepted = new Map<string, number>();
  private readonly open = new Set<string>();
  private readonly submissions = new Set<Promise<void>>();
  private readonly quieting = new AbortController();
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private submitted = 0;
  private ended = 0;

  constructor(private readonly options: SustainedLoadOptions) {}

  start(): void {
    this.running ??= this.run();
  }

  /** How many workflows have ended. */
  get endedCount(): number {
    return this.ended;
  }

  /** How many were accepted and have not ended. */
  get openCount(): number {
    return this.open.size;
  }

  /**
   * Submits no more, and waits until all that was accepted has ended.
   *
   * @param limitMs how long to wait at most.
   * @returns the workflows that have not ended by then.
   */
  async drain(limitMs: number): Promise<string[]> {
    this.quieting.abort();
    const limit = delay(limitMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
    await Promise.race([limit, this.running]);
    await this.stop();
    return [...this.open];
  }

  /** Stops at once. */
  async stop(): Promise<void> {
    this.quieting.abort();
    this.stopping.abort();
    await Promise.all([this.running, ...this.submissions]);
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const isQuiet = this.quieting.signal.aborted;
      const busy = await this.look().catch(() => undefined);
      if (isQuiet && busy !== undefined && this.open.size === 0 && this.submissions.size === 0) return;
      if (!isQuiet && busy !== undefined) this.submitMore(busy);
      await delay(LOOK_EVERY_MS);
    }
  }

  /** Forgets the workflows that have ended. @returns how many tasks of the others are ready or running. */
  private async look(): Promise<number> {
    const { rows } = await this.options.database.query<{ ended: string[]; busy: string }>(
      `select array(select id from workflow where id = any($1) and state <> 'running') as ended,
              (select count(*) from task where workflow_id = any($1) and state in ('ready', 'dispatched')) as busy`,
      [[...this.open]],
    );
    const [{ ended, busy }] = rows as [(typeof rows)[number]];
    for (const id of ended) this.open.delete(id);
    this.ended += ended.length;
    return Number(busy);
  }

  private submitMore(busy: number): void {
    const wanted = Math.min(SUBMISSIONS_A_LOOK, this.options.busyTasks - busy) - this.submissions.size;
    for (let more = 0; more < wanted; more++) {
      const submission = this.submit(`${this.options.name}-${this.submitted++}`);
      this.submissions.add(submission);
      void submission.finally(() => this.submissions.delete(submission));
    }
  }

  /** Until it is accepted: with its key it may be repeated, whatever became of the try before. */
  private async submit(name: string): Promise<void> {
    const definition = randomWorkflow(name, this.options.random);
    while (!this.stopping.signal.aborted) {
      try {
        const { id } = await this.options.client.submit(definition, { idempotencyKey: name });
        this.accepted.set(id, definition.tasks!.length);
        this.open.add(id);
        return;
      } catch {
        await delay(RETRY_MS);
      }
    }
  }
}
