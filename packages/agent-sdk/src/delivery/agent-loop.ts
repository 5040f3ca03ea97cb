/*
 * The loop of an agent: entries in, results out. It decides what may be begun, runs it and reports how it ended. Reading
 * the stream, heartbeats and registration belong to `packages/streams`; running one handler to the runner.
 *
 * Keeps: I3 (nothing is run or reported that another owns), I4 (nothing starts once its cancellation is known), I6 (an
 * entry is acknowledged only together with its result), I9 (what is held is bounded by the slots).
 */
import type { StreamEntry } from "@agent-hive/contracts";
import { InterruptedError, LeaseLostError, decideDelivery } from "@agent-hive/domain";
import { crashPoint } from "@agent-hive/proof";
import { deliveryContext, type Logger } from "@agent-hive/telemetry";
import { Attempt, type Ending } from "../attempts/attempt.js";
import type { HandlerRegistry } from "../handler-registry.js";
import { Admission, type Admitted } from "./admission.js";
import { Cancellations } from "./cancellations.js";
import { deadLetterOf, type Unprocessable } from "./dead-letters.js";
import { readDelivery, type Delivery } from "./delivery.js";
import { ReportSender } from "./report-sender.js";
import { CANCELLED, cancelledReport, reportOf, type Reporter } from "./reports.js";
import { historyOf, resumptionOf } from "./resumption.js";
import type { BeginReply, Report, TaskStream } from "./task-stream.js";
import { untilAnswered } from "./until-answered.js";

/** Runs one attempt to its end. */
interface Runner {
  run(attempt: Attempt): Promise<Ending>;
  /** Stopped handlers that still run. */
  readonly strays: number;
}

/** Who is told what becomes of the entries. */
export interface LoopObserver {
  /** These attempts are about to run. */
  starting(attempts: readonly Attempt[]): void;
  /** These entries are no longer this process's business: done, set aside, or another's. */
  released(entryIds: string[]): void;
  /** A result was taken. */
  completed(delivery: Delivery): void;
  /** A result was refused: the entry belongs to another now. @param unanswered by Redis: it was not even asked, or not heard. */
  refused(report: Report, unanswered: boolean): void;
  /** An attempt was interrupted; its task goes to another process. */
  handedBack(attempt: Attempt): void;
  /** There may be room for more; told once per turn of the event loop. */
  roomMade(): void;
}

export interface LoopOptions {
  /** Tasks at once. */
  slots: number;
  handlers: HandlerRegistry;
  runner: Runner;
  stream: TaskStream;
  /** The present incarnation. */
  reporter: () => Reporter;
  observer: LoopObserver;
  logger: Logger;
}

/** Counted since the start. */
export interface LoopCounters {
  completed: number;
  /** Results dropped because the entry was not this process's any more. */
  lost: number;
  deadLettered: number;
}

export class AgentLoop {
  readonly counters: LoopCounters = { completed: 0, lost: 0, deadLettered: 0 };
  private readonly admission = new Admission();
  private readonly cancellations = new Cancellations();
  private readonly attempts = new Map<string, Attempt>();
  private readonly reports: ReportSender;
  /** Aborted once nothing that was held before belongs to this process any more. */
  private life = new AbortController();
  private beginning = 0;
  private settingAside = 0;
  private isPumping = false;
  private isQuiet = false;
  private turnEnds = false;
  private readonly idleWaiters: (() => void)[] = [];

  constructor(private readonly options: LoopOptions) {
    const { stream, logger } = options;
    this.reports = new ReportSender(
      stream,
      () => this.life.signal,
      (taken, refused, unanswered) => this.reported(taken, refused, unanswered),
      logger,
    );
  }

  /** Attempts that run. */
  get running(): number {
    return this.attempts.size;
  }

  /** How many entries the process could take now. */
  get capacity(): number {
    if (this.isQuiet || this.admission.isClosed(this.running + this.beginning)) return 0;
    const free = this.options.slots - this.running - this.beginning - this.admission.waiting;
    // While Redis takes no results, finished attempts pile up: to no more than twice the slots.
    return Math.max(0, Math.min(free, this.options.slots * 2 - this.reports.pending));
  }

  /** Takes entries in: sets aside what cannot be run, and begins the rest as soon as it may. */
  take(entries: readonly StreamEntry[]): void {
    crashPoint("tasks.taken");
    for (const entry of entries) this.admit(entry);
    void this.pump();
  }

  /** Interrupts what runs of a cancelled workflow (or of these tasks of it only), and starts nothing more of it. */
  cancel(workflowId: string, taskKeys?: readonly string[]): void {
    this.cancellations.add(workflowId, taskKeys);
    const reason = new InterruptedError("CANCELLED", "The workflow was cancelled.");
    for (const attempt of this.attempts.values()) {
      if (this.isCancelled(attempt.delivery)) attempt.stop(reason, CANCELLED);
    }
    for (const delivery of this.admission.remove((each) => this.isCancelled(each))) this.reportCancelled(delivery);
    void this.pump();
  }

  /** Drops everything: it belongs to others now. What comes next belongs to a new life. */
  renounce(why: string): void {
    this.options.observer.released([...this.attempts.keys()]);
    this.life.abort();
    this.life = new AbortController();
    this.admission.remove(() => true);
    this.drop(this.reports.clear());
    this.interrupt(new LeaseLostError("LEASE_LOST", `This process lost the right to its tasks: ${why}.`));
  }

  /** From now on begins nothing. */
  quiet(): void {
    this.isQuiet = true;
  }

  /** Aborts the signals of all that runs and drops its results. What was not released is handed back by a goodbye. */
  interrupt(reason: Error): void {
    for (const attempt of this.attempts.values()) attempt.stop(reason);
  }

  /** Resolves once nothing runs and Redis has taken every result. */
  async idle(): Promise<void> {
    if (!this.isIdle) await new Promise<void>((resolve) => this.idleWaiters.push(resolve));
  }

  /** Results that were not even sent: refusing them is not Redis's work then, but refused they are. */
  private drop(unsent: readonly Report[]): void {
    this.counters.lost += unsent.length;
    for (const report of unsent) this.options.observer.refused(report, true);
  }

  private get isIdle(): boolean {
    return this.running + this.beginning + this.settingAside + this.reports.pending === 0;
  }

  private admit(entry: StreamEntry): void {
    const read = readDelivery(entry);
    if (!read.ok) {
      const { reason: message, envelope } = read;
      return this.setAside({ reason: "UNPARSEABLE", message, entry, ...(envelope && { envelope }) });
    }
    const delivery = read.value;
    if (this.isCancelled(delivery)) return this.reportCancelled(delivery);
    const { envelope, payload } = delivery;
    if (!this.options.handlers.get(payload.handler)) {
      const message = this.options.handlers.explainMissing(payload.handler, envelope.agentType);
      return this.setAside({ reason: "HANDLER_MISSING", message, entry, envelope, delivery });
    }
    this.admission.admit(delivery, payload);
  }

  /** Begins what may be begun, one batch after the other: what a batch turns out to be decides on the next. */
  private async pump(): Promise<void> {
    if (this.isPumping) return;
    this.isPumping = true;
    for (let next = this.next(); next; next = this.next()) this.runAll(await this.begin(next));
    this.isPumping = false;
    this.turnEnding();
  }

  private next(): Admitted | undefined {
    return this.isQuiet ? undefined : this.admission.next(this.running);
  }

  /** Marks deliveries as started; those that are ours, current and allowed to run become attempts. */
  private async begin({ deliveries, alone }: Admitted): Promise<Attempt[]> {
    const { stream, runner, logger } = this.options;
    const provablyAlone = alone && runner.strays === 0;
    this.beginning = deliveries.length;
    const replies = await untilAnswered("beginning tasks", this.life.signal, logger, () =>
      stream.begin(deliveries, provablyAlone),
    );
    crashPoint("tasks.begun");
    this.beginning = 0;
    return replies ? deliveries.flatMap((delivery, index) => this.begun(delivery, replies[index]!, alone) ?? []) : [];
  }

  private begun(delivery: Delivery, reply: BeginReply, alone: boolean): Attempt | undefined {
    const { reporter } = this.options;
    if (reply.status !== "begun") return void this.notOurs(delivery, reply.status);
    if (this.isCancelled(delivery)) return void this.reportCancelled(delivery);
    const history = historyOf(delivery.payload, reply);
    switch (decideDelivery(history)) {
      case "dead-letter":
        return void this.setAside(poisonous(delivery, history.crashesAlone));
      case "run-alone":
        if (!alone) return void this.admission.admit(delivery, history);
        break;
      case "run":
    }
    const context = deliveryContext(delivery.envelope.traceparent, delivery.entryId, reporter().incarnation);
    return new Attempt(delivery, alone, resumptionOf(delivery, reply), context);
  }

  /** Sets attempts going. Each is reported when it ends, which is not waited for. */
  private runAll(attempts: Attempt[]): void {
    if (attempts.length > 0) this.options.observer.starting(attempts);
    for (const attempt of attempts) {
      this.attempts.set(attempt.delivery.entryId, attempt);
      void this.run(attempt);
    }
  }

  private async run(attempt: Attempt): Promise<void> {
    const ending = await this.options.runner.run(attempt);
    crashPoint("handler.finished");
    this.attempts.delete(attempt.delivery.entryId);
    if (ending.status !== "dropped") this.reports.send(reportOf(attempt, ending));
    else if (!attempt.isLost) this.options.observer.handedBack(attempt);
    if (this.admission.waiting > 0) void this.pump();
    this.turnEnding();
  }

  private reported(taken: readonly Report[], refused: readonly Report[], unanswered: boolean): void {
    const { observer, logger } = this.options;
    this.counters.lost += refused.length;
    this.counters.completed += taken.length;
    if (refused.length > 0) {
      logger.warn("results were refused, their entries belong to others now", { refused: refused.length });
    }
    for (const { delivery } of taken) observer.completed(delivery);
    for (const report of refused) observer.refused(report, unanswered);
    this.release([...taken, ...refused].map(({ delivery }) => delivery.entryId));
  }

  private reportCancelled(delivery: Delivery): void {
    this.reports.send(cancelledReport(delivery));
  }

  private isCancelled({ envelope }: Delivery): boolean {
    return this.cancellations.cover(envelope.taskKey);
  }

  private notOurs(delivery: Delivery, status: "stale" | "lost"): void {
    if (status === "lost") this.counters.lost++;
    this.release([delivery.entryId]);
  }

  private setAside(unprocessable: Unprocessable): void {
    void this.sendDeadLetter(unprocessable);
  }

  private async sendDeadLetter(unprocessable: Unprocessable): Promise<void> {
    const { stream, reporter, logger } = this.options;
    const { reason, message, entry } = unprocessable;
    logger.warn("an entry is set aside as a dead letter", { reason, message, entryId: entry.id });
    this.settingAside++;
    const letter = deadLetterOf(unprocessable, stream.name, reporter());
    const answer = await untilAnswered("setting an entry aside", this.life.signal, logger, () =>
      stream.deadLetter(letter),
    );
    crashPoint("dead-letter.written");
    this.settingAside--;
    if (answer === "dead-lettered") this.counters.deadLettered++;
    this.release([entry.id]);
  }

  private release(entryIds: string[]): void {
    this.options.observer.released(entryIds);
    this.turnEnding();
  }

  /** Tells of room and of idleness once per turn: told of each slot by itself, the reader would ask for one entry at a time. */
  private turnEnding(): void {
    if (this.turnEnds) return;
    this.turnEnds = true;
    setImmediate(() => {
      this.turnEnds = false;
      if (this.capacity > 0) this.options.observer.roomMade();
      if (this.isIdle) for (const resolve of this.idleWaiters.splice(0)) resolve();
    });
  }
}

function poisonous(delivery: Delivery, crashesAlone: number): Unprocessable {
  const { entryId, fields, envelope } = delivery;
  const message = `The task took its process with it ${crashesAlone} times while nothing else ran in that process.`;
  return { reason: "POISON", message, entry: { id: entryId, fields }, envelope, delivery };
}
