import { taskMomentSchema, type HiveEvent } from "@agent-hive/contracts";
import type { Moment, MomentOrders, TaskMoment, TaskMoments } from "./ports.js";

const HALF = 0.5;

/**
 * Turns the hive's events into moments of tasks: `task.started`, the first `task.progress` of an attempt with a fraction
 * (`data.fraction`) of a half or more, and `task.result-sent`. And moments at which an agent
 * stands still by an order (`chaos.held`).
 */
export class EventTaskMoments implements TaskMoments {
  private readonly listeners = new Set<(moment: TaskMoment) => void>();
  /** Attempts whose half-way moment has been told, by workflow, task and attempt; forgotten with their result. */
  private readonly pastHalf = new Set<string>();

  constructor(readonly orders?: MomentOrders) {}

  subscribe(listener: (moment: TaskMoment) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** To be called with every event of the hive, in order. */
  observe(event: HiveEvent): void {
    const moment = this.momentOf(event);
    const { workflowId, taskId, agentType, agentId, group, incarnation, at } = event;
    if (!moment || !workflowId || !taskId || !agentType || !agentId || !group || !incarnation) return;
    const orderId = event.data?.["orderId"];
    const told = { moment, workflowId, taskId, agentType, agentId, group, incarnation, at };
    for (const listener of this.listeners) listener(typeof orderId === "string" ? { ...told, orderId } : told);
  }

  private momentOf(event: HiveEvent): Moment | undefined {
    const attempt = `${event.workflowId}:${event.taskId}:${event.attempt}`;
    if (event.type === "chaos.held") return taskMomentSchema.safeParse(event.data?.["moment"]).data;
    // With orders, only agents that stand still by one are at the start.
    if (event.type === "task.started") return this.orders ? undefined : "started";
    if (event.type === "task.result-sent") {
      this.pastHalf.delete(attempt);
      return "result-sent";
    }
    const isPastHalf = event.type === "task.progress" && Number(event.data?.["fraction"]) >= HALF;
    if (!isPastHalf || this.pastHalf.has(attempt)) return undefined;
    this.pastHalf.add(attempt);
    return "half-way";
  }
}
