/**
 * Records of runs in which nothing went wrong that may not: workflows of random shape, failures and retries, crashes and
 * claims, cancellations, work still under way. Whatever the seed, all invariants hold.
 */
import type { HiveEvent } from "@agent-hive/contracts";
import type { AttemptRecord, GroupRecord, RunRecords, TaskRecord, WorkflowRecord } from "../records.js";
import { randomFrom } from "./random-from.js";

export const START_MS = Date.UTC(2026, 0, 1);

/** What a run is made of; the rest is up to the seed. */
export interface RunSketch {
  seed: number;
  workflows: number;
  /** Per workflow. */
  tasks: number;
  /** Of the attempts, the part that crashes with its process first. Default 0.2. */
  crashes?: number;
  /** Of the attempts, the part that fails and is tried again. Default 0.2. */
  failures?: number;
  /** Of the workflows, the part that is cancelled midway. Default 0.2. */
  cancelled?: number;
  /** Of the workflows, the part that still runs. Default 0.2. */
  running?: number;
}

const TYPES = ["architects", "backend"] as const;
/** Consumers of a type. One that crashes is another incarnation afterwards. */
const CONSUMERS = 2;

/** Makes the records. */
export function soundRun(sketch: RunSketch): RunRecords {
  const run = new Run(sketch);
  for (let number = 0; number < sketch.workflows; number++) run.addWorkflow(number);
  return run.records();
}

/** Where a workflow's story stops: cancelled or looked at then. */
type Cut = { atMs: number; state: "cancelled" | "running" } | undefined;

class Run {
  private readonly random: () => number;
  private readonly workflows: WorkflowRecord[] = [];
  private readonly tasks: TaskRecord[] = [];
  private readonly attempts: AttemptRecord[] = [];
  private readonly acts: RunRecords["acts"] = [];
  private readonly verdicts: RunRecords["verdicts"] = [];
  private readonly events: HiveEvent[] = [];
  private readonly inFlight = new Map<string, number>();
  private entries = 0;
  private lives = 0;
  private lastMs = START_MS;

  constructor(private readonly sketch: RunSketch) {
    this.random = randomFrom(sketch.seed);
  }

  addWorkflow(number: number): void {
    const { tasks: count, cancelled = 0.2, running = 0.2 } = this.sketch;
    const id = `01990000-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
    const createdAtMs = START_MS + this.random() * 1000;
    const drawn = this.random();
    const state = drawn < cancelled ? "cancelled" : drawn < cancelled + running ? "running" : undefined;
    const cut: Cut = state && { atMs: createdAtMs + this.random() * count * 100, state };
    const dependencies = Array.from({ length: count }, (_, position) => this.pick(position));
    const tasks: TaskRecord[] = [];
    for (const [position, dependsOn] of dependencies.entries()) {
      const successors = dependencies.flatMap((others, other) => (others.includes(position) ? [other] : []));
      const waitsFor = dependsOn.map((other) => tasks[other]!);
      tasks.push(this.addTask({ id, createdAtMs }, position, successors, waitsFor, cut));
    }
    this.tasks.push(...tasks);
    this.conclude(id, createdAtMs, tasks, cut);
  }

  /** Some of the positions before. */
  private pick(position: number): number[] {
    return Array.from({ length: position }, (_, other) => other).filter(() => this.random() < 0.4);
  }

  private addTask(
    workflow: { id: string; createdAtMs: number },
    position: number,
    successors: number[],
    waitsFor: TaskRecord[],
    cut: Cut,
  ): TaskRecord {
    const open = waitsFor.filter(({ state }) => state !== "succeeded").length;
    const task: TaskRecord = {
      workflowId: workflow.id,
      position,
      taskId: `t${position}`,
      agentType: TYPES[position % TYPES.length]!,
      state: open > 0 ? "waiting" : "ready",
      successors,
      openDependencies: open,
      attempt: 0,
      crashes: 0,
      dispatchedAtMs: null,
      finishedAtMs: null,
    };
    if (open === 0)
      this.runTask(task, Math.max(workflow.createdAtMs, ...waitsFor.map((each) => each.finishedAtMs!)), cut);
    if (cut?.state === "cancelled" && task.state !== "succeeded") this.cancel(task, cut.atMs);
    return task;
  }

  /** Attempt after attempt until one succeeds, or the story is cut. */
  private runTask(task: TaskRecord, readyAtMs: number, cut: Cut): void {
    const cutMs = cut?.atMs ?? Infinity;
    for (let fromMs = readyAtMs; task.state !== "succeeded";) {
      const dispatchedAtMs = fromMs + this.random() * 5;
      if (dispatchedAtMs >= cutMs) return;
      Object.assign(task, { state: "dispatched", attempt: task.attempt + 1, dispatchedAtMs });
      const end = this.runAttempt(task, cutMs);
      if (end === undefined) return;
      this.lastMs = Math.max(this.lastMs, end.recordedAtMs);
      const succeeded = end.outcome === "succeeded";
      Object.assign(task, {
        state: succeeded ? "succeeded" : "delayed",
        finishedAtMs: succeeded ? end.recordedAtMs : null,
      });
      fromMs = end.recordedAtMs + 1;
    }
  }

  /** @returns how it ended; undefined if the story was cut before. */
  private runAttempt(task: TaskRecord, cutMs: number): AttemptRecord | undefined {
    const { crashes = 0.2, failures = 0.2 } = this.sketch;
    const entryId = `${Math.ceil(task.dispatchedAtMs!)}-${this.entries++}`;
    const startedAtMs = Math.ceil(task.dispatchedAtMs!) + 1 + Math.floor(this.random() * 20);
    const first: AttemptRecord = {
      workflowId: task.workflowId,
      position: task.position,
      attempt: task.attempt,
      delivery: "",
      outcome: this.random() < failures ? "failed" : "succeeded",
      ...this.consumer(task.agentType),
      entryId,
      dispatchedAtMs: task.dispatchedAtMs,
      startedAtMs,
      finishedAtMs: startedAtMs + 10,
      runMs: 9.5,
      recordedAtMs: startedAtMs + 11 + this.random(),
    };
    const end = this.random() < crashes ? this.crash(task, first, cutMs) : first;
    if (end === undefined || end.recordedAtMs >= cutMs) {
      this.inFlight.set(`${task.workflowId}:${task.position}`, task.attempt);
      return undefined;
    }
    this.attempts.push(end);
    this.tell(task, end);
    return end;
  }

  private consumer(agentType: string): { agentId: string; incarnation: string } {
    const number = Math.floor(this.random() * CONSUMERS);
    return { agentId: `${agentType}-${number}`, incarnation: `${agentType}-${number}-0` };
  }

  /** Its process is killed midway: the verdict, the lost delivery, and the same attempt again in another process. */
  private crash(task: TaskRecord, first: AttemptRecord, cutMs: number): AttemptRecord | undefined {
    const atMs = first.startedAtMs! + 5;
    const incarnation = `${task.agentType}-struck-${this.lives++}`;
    const recordedAtMs = atMs + 40 + this.random();
    if (recordedAtMs >= cutMs) return undefined;
    const { agentType, taskId, workflowId, attempt } = task;
    const group = `${agentType}_consumers`;
    const held = [{ workflowId, taskId, attempt }];
    this.acts.push({ kind: "crash", agentId: `${agentType}-0`, incarnation, agentType, group, atMs, held });
    this.verdicts.push({ incarnation, group, kind: "crashed", atMs: atMs + 20 });
    this.attempts.push({
      ...first,
      incarnation,
      agentId: null,
      delivery: `crashed ${first.entryId} ${incarnation}`,
      outcome: "crashed",
      finishedAtMs: null,
      runMs: null,
      recordedAtMs,
    });
    task.crashes++;
    const startedAtMs = Math.ceil(atMs) + 30;
    return { ...first, startedAtMs, finishedAtMs: startedAtMs + 10, recordedAtMs: startedAtMs + 50 + this.random() };
  }

  private tell(task: TaskRecord, end: AttemptRecord): void {
    if (end.outcome !== "succeeded") return;
    const { workflowId, taskId, position, agentType, attempt } = task;
    const { agentId, incarnation } = end;
    const at = new Date(end.recordedAtMs).toISOString();
    const who = { agentId: agentId ?? "", incarnation: incarnation ?? "" };
    this.events.push({ type: "task.succeeded", at, workflowId, taskId, position, agentType, attempt, ...who });
  }

  private cancel(task: TaskRecord, atMs: number): void {
    this.lastMs = Math.max(this.lastMs, atMs);
    if (task.state === "dispatched") {
      this.inFlight.delete(`${task.workflowId}:${task.position}`);
      this.attempts.push({
        workflowId: task.workflowId,
        position: task.position,
        attempt: task.attempt,
        delivery: "",
        outcome: "cancelled",
        agentId: null,
        incarnation: null,
        entryId: null,
        dispatchedAtMs: task.dispatchedAtMs,
        startedAtMs: null,
        finishedAtMs: atMs,
        runMs: null,
        recordedAtMs: atMs,
      });
    }
    Object.assign(task, { state: "cancelled", finishedAtMs: atMs });
  }

  private conclude(id: string, createdAtMs: number, tasks: TaskRecord[], cut: Cut): void {
    const succeeded = tasks.filter(({ state }) => state === "succeeded").length;
    const isDone = succeeded === tasks.length;
    const state = isDone ? "succeeded" : (cut?.state ?? "running");
    const lastMs = Math.max(createdAtMs, ...tasks.map(({ finishedAtMs }) => finishedAtMs ?? 0));
    const finishedAtMs = state === "running" ? null : lastMs;
    this.workflows.push({
      id,
      name: "story",
      state,
      createdAtMs,
      finishedAtMs,
      total: tasks.length,
      succeeded,
      failed: 0,
      cancelled: state === "cancelled" ? tasks.length - succeeded : 0,
      dead: 0,
      traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    });
    if (finishedAtMs === null) return;
    const type = state === "succeeded" ? "workflow.succeeded" : "workflow.cancelled";
    this.events.push({ type, at: new Date(finishedAtMs).toISOString(), workflowId: id });
  }

  records(): RunRecords {
    const latestMs = Math.max(this.lastMs, ...this.tasks.map(({ dispatchedAtMs }) => dispatchedAtMs ?? 0));
    return {
      window: { fromMs: START_MS, toMs: Math.ceil(latestMs) + 1 },
      workflows: this.workflows,
      tasks: this.tasks,
      attempts: this.attempts,
      totals: null,
      submissions: this.workflows.map(({ id }, index) => ({
        key: `key-${index}`,
        requestSha256: "0".repeat(64),
        workflowIds: [id],
        missing: [],
      })),
      acts: this.acts,
      verdicts: this.verdicts,
      groups: TYPES.map(group),
      inFlight: { readAtMs: latestMs + 60_000, attempts: this.inFlight },
      processes: [],
      events: this.events,
      published: [],
      clockToleranceMs: 1,
      isAtRest: false,
      absent: [],
    };
  }
}

const group = (agentType: string): GroupRecord => ({
  group: `${agentType}_consumers`,
  agentType,
  stream: `agent_messages:${agentType}`,
  slots: CONSUMERS,
  length: 3,
  pending: 1,
  lag: 2,
  heldByConsumers: 1,
  readBefore: null,
  readAfter: null,
  members: Array.from({ length: CONSUMERS }, (_, number) => ({
    agentId: `${agentType}-${number}`,
    incarnation: `${agentType}-${number}-0`,
  })),
});
