/** Changes to one workflow in the making. Writes each task in one place, so the counters follow every change (I8). */
import { HiveError } from "../errors/hive-error.js";
import { isTerminal, type Task, type TerminalTaskStatus } from "./task.js";
import { markCancelled } from "./task-transitions.js";
import type { TaskPlan, Workflow, WorkflowStatus } from "./workflow.js";

export class WorkflowDraft {
  readonly #workflow: Workflow;
  readonly #tasks: Task[];
  readonly #counters: Record<TerminalTaskStatus | "live", number>;
  #status: WorkflowStatus;

  constructor(workflow: Workflow) {
    this.#workflow = workflow;
    this.#tasks = [...workflow.tasks];
    this.#counters = { ...workflow.counters };
    this.#status = workflow.status;
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

  /** Ends the workflow; whatever is not done by then is cancelled. */
  end(status: Exclude<WorkflowStatus, "running">): void {
    if (this.#status !== "running") {
      throw new HiveError(
        "illegal_transition",
        `Workflow "${this.#workflow.id}" is ${this.#status}; only a running one becomes ${status}.`,
        { details: { workflowId: this.#workflow.id, status: this.#status, wanted: status } },
      );
    }
    this.#tasks.forEach((task, position) => {
      if (!isTerminal(task.status)) this.put(position, markCancelled(task));
    });
    this.#status = status;
  }

  /** A task that failed for good ends the workflow at once (fail fast); the last success completes it. */
  endIfDecided(): void {
    const { failed, dead, live } = this.#counters;
    if (failed + dead > 0) this.end("failed");
    else if (live === 0) this.end("succeeded");
  }

  finish(): Workflow {
    const counters = { ...this.#counters, total: this.#workflow.counters.total };
    return { ...this.#workflow, status: this.#status, tasks: this.#tasks, counters };
  }
}
