/**
 * Changes to one workflow in the making, all at one time. Writes each task in one place, so the counters follow every
 * change (I8), and each line of history once (I2).
 */
import { HiveError } from "../errors/hive-error.js";
import { type AttemptRecord, endOf } from "./attempt-record.js";
import { isTerminal, type Task, type TerminalTaskStatus } from "./task.js";
import { markCancelled } from "./task-transitions.js";
import type { TaskPlan, Workflow, WorkflowStatus } from "./workflow.js";

export class WorkflowDraft {
  readonly #workflow: Workflow;
  readonly #tasks: Task[];
  readonly #counters: Record<TerminalTaskStatus | "live", number>;
  readonly #history: AttemptRecord[];
  #status: WorkflowStatus;
  #finishedAt: number | null;
  #failedPosition: number | null;

  constructor(
    workflow: Workflow,
    readonly now: number,
  ) {
    this.#workflow = workflow;
    this.#tasks = [...workflow.tasks];
    this.#counters = { ...workflow.counters };
    this.#history = [...workflow.history];
    this.#status = workflow.status;
    this.#finishedAt = workflow.finishedAt;
    this.#failedPosition = workflow.failedPosition;
  }

  get plan(): readonly TaskPlan[] {
    return this.#workflow.plan;
  }

  get tasks(): readonly Task[] {
    return this.#tasks;
  }

  /** Replaces a task by its next state, made by a transition. */
  put(position: number, task: Task): void {
    const before = this.#tasks[position]!.status;
    this.#counters[isTerminal(before) ? before : "live"]--;
    this.#counters[isTerminal(task.status) ? task.status : "live"]++;
    this.#tasks[position] = task;
  }

  /** Adds a line to the history. @returns false if it is there already: then nothing is changed. */
  note(line: AttemptRecord): boolean {
    const isThere = this.#history.some(
      ({ position, attempt, delivery }) =>
        position === line.position && attempt === line.attempt && delivery === line.delivery,
    );
    if (!isThere) this.#history.push(line);
    return !isThere;
  }

  /** Ends the workflow; whatever is not done by then is cancelled. */
  end(status: Exclude<WorkflowStatus, "running">): void {
    const { now } = this;
    if (this.#status !== "running") {
      throw new HiveError(
        "illegal_transition",
        `Workflow "${this.#workflow.id}" is ${this.#status}; only a running one becomes ${status}.`,
        { details: { workflowId: this.#workflow.id, status: this.#status, wanted: status } },
      );
    }
    this.#tasks.forEach((task, position) => {
      if (isTerminal(task.status)) return;
      if (task.status === "dispatched") {
        this.note(endOf(task, position, { outcome: "cancelled", finishedAt: now, recordedAt: now }));
      }
      this.put(position, markCancelled(task, now));
    });
    this.#status = status;
    this.#finishedAt = now;
  }

  /** A task that failed for good ends the workflow at once (fail fast); the last success completes it. */
  endIfDecided(): void {
    const failed = this.#tasks.findIndex(({ status }) => status === "failed" || status === "dead");
    if (failed >= 0) {
      this.#failedPosition = failed;
      this.end("failed");
    } else if (this.#counters.live === 0) {
      this.end("succeeded");
    }
  }

  finish(): Workflow {
    return {
      ...this.#workflow,
      status: this.#status,
      tasks: this.#tasks,
      counters: { ...this.#counters, total: this.#workflow.counters.total },
      history: this.#history,
      finishedAt: this.#finishedAt,
      failedPosition: this.#failedPosition,
    };
  }
}
