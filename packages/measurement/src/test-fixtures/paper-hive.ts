// A small hive on paper: runs workflows on agents that are killed and frozen as planned, and notes what a measurement
// would. Same seed, same run.
import type { Act, MeasuredAttempt, MeasuredTask, MeasuredWorkflow, Recovery } from "../measurement.js";

export interface PlannedTask {
  id: string;
  agentType: string;
  dependsOn: string[];
  /** How long it runs, in milliseconds. */
  runMs: number;
}

export interface PlannedFault {
  taskId: string;
  kind: "crash" | "freeze";
}

interface RunOptions {
  workflowId: string;
  name: string;
  tasks: readonly PlannedTask[];
  faults: readonly PlannedFault[];
  createdAtMs: number;
}

/** What is on record of a run. */
export interface RunRecord {
  workflow: MeasuredWorkflow;
  tasks: MeasuredTask[];
  attempts: MeasuredAttempt[];
  acts: Act[];
  recoveries: Recovery[];
}

interface Agent {
  agentId: string;
  agentType: string;
  lives: number;
  incarnation: string;
  freeAtMs: number;
}

/** Until an agent works again, in milliseconds. */
const REVIVAL_MS = { crash: 640, freeze: 1540 } as const;

/** Agents that outlive the runs they take part in. */
export class PaperHive {
  readonly incarnations: { agentId: string; agentType: string; incarnation: string }[] = [];
  private readonly agents: Agent[];
  private entries = 0;

  constructor(
    agentTypes: readonly string[],
    agentsPerType: number,
    private readonly random: () => number,
  ) {
    this.agents = agentTypes.flatMap((agentType) =>
      Array.from({ length: agentsPerType }, (_, index) => {
        const agentId = `${agentType.replace(/s$/, "")}-${index + 1}`;
        return { agentId, agentType, lives: 0, incarnation: "", freeAtMs: 0 };
      }),
    );
    for (const agent of this.agents) this.begin(agent);
  }

  run({ workflowId, name, tasks, faults, createdAtMs }: RunOptions): RunRecord {
    const record: RunRecord = { workflow: undefined!, tasks: [], attempts: [], acts: [], recoveries: [] };
    const recordedAt = new Map<string, number>();
    for (const [position, task] of tasks.entries()) {
      const readyAtMs = Math.max(createdAtMs, ...task.dependsOn.map((id) => recordedAt.get(id)!));
      const fault = faults.find(({ taskId }) => taskId === task.id);
      const finishedAtMs = this.attempt({ workflowId, task, readyAtMs, fault, record });
      recordedAt.set(task.id, finishedAtMs);
      record.tasks.push({
        workflowId,
        taskId: task.id,
        position,
        agentType: task.agentType,
        dependsOn: task.dependsOn,
        state: "succeeded",
        attempts: fault ? 2 : 1,
        crashes: fault?.kind === "crash" ? 1 : 0,
        readyAtMs,
        finishedAtMs,
        isCritical: false,
      });
    }
    markCriticalPath(record.tasks);
    record.workflow = finished(workflowId, name, createdAtMs, record.tasks);
    return record;
  }

  /** Runs a task, twice if its process is struck; returns when its result was recorded. */
  private attempt(step: Step): number {
    const { workflowId, task, readyAtMs, fault, record } = step;
    const agent = this.nextAgent(task.agentType);
    const startedAtMs = Math.max(readyAtMs + this.between(3, 7), agent.freeAtMs + 1);
    if (!fault) return this.succeed(step, agent, startedAtMs, 1);
    const atMs = startedAtMs + task.runMs * (fault.kind === "crash" ? this.between(0.3, 0.8) : 1);
    const noticedMs = fault.kind === "crash" ? this.between(22, 60) : this.between(980, 1090);
    const claimedMs = noticedMs + this.between(6, 20);
    const struck = {
      kind: fault.kind,
      agentId: agent.agentId,
      incarnation: agent.incarnation,
      agentType: task.agentType,
    };
    const held = { workflowId, taskId: task.id, attempt: 1 };
    const group = `${task.agentType}_consumers`;
    record.acts.push({ ...struck, group, atMs, held: [held] });
    record.attempts.push({
      ...this.line(step, agent, 1),
      agentId: null,
      outcome: fault.kind === "crash" ? "crashed" : "frozen",
      startedAtMs,
      recordedAtMs: atMs + noticedMs + 4,
    });
    const lostLife = { ...agent };
    this.strike(agent, fault.kind, atMs);
    const second = this.nextAgent(task.agentType);
    const runningAtMs = Math.max(atMs + claimedMs + this.between(3, 15), second.freeAtMs);
    const recordedAtMs = this.succeed(step, second, runningAtMs, 2);
    if (fault.kind === "freeze")
      record.attempts.push({
        ...this.line(step, lostLife, 1),
        outcome: "fenced",
        dispatchedAtMs: null,
        recordedAtMs: recordedAtMs + this.between(40, 90),
      });
    record.recoveries.push({
      ...struck,
      ...held,
      group,
      atMs,
      noticedMs,
      claimedMs,
      runningMs: runningAtMs - atMs,
      recordedMs: recordedAtMs - atMs,
      recoveredBy: second.agentId,
      fenced: fault.kind === "freeze" ? 1 : 0,
    });
    return recordedAtMs;
  }

  private succeed(step: Step, agent: Agent, startedAtMs: number, attempt: number): number {
    const finishedAtMs = startedAtMs + step.task.runMs;
    const recordedAtMs = finishedAtMs + this.between(2, 5);
    agent.freeAtMs = finishedAtMs;
    const line = this.line(step, agent, attempt);
    step.record.attempts.push({ ...line, outcome: "succeeded", startedAtMs, finishedAtMs, recordedAtMs });
    return recordedAtMs;
  }

  private line({ workflowId, task, readyAtMs }: Step, agent: Agent, attempt: number): Omit<MeasuredAttempt, "outcome"> {
    this.entries += 1;
    return {
      workflowId,
      taskId: task.id,
      attempt,
      agentType: task.agentType,
      agentId: agent.agentId,
      incarnation: agent.incarnation,
      entryId: `1764121200000-${this.entries}`,
      dispatchedAtMs: readyAtMs + 2,
      startedAtMs: null,
      finishedAtMs: null,
      recordedAtMs: readyAtMs,
    };
  }

  private strike(agent: Agent, kind: PlannedFault["kind"], atMs: number): void {
    agent.freeAtMs = atMs + REVIVAL_MS[kind];
    if (kind === "crash") this.begin(agent);
  }

  private begin(agent: Agent): void {
    agent.lives += 1;
    agent.incarnation = `${agent.agentId}-life-${agent.lives}`;
    this.incarnations.push({ agentId: agent.agentId, agentType: agent.agentType, incarnation: agent.incarnation });
  }

  private nextAgent(agentType: string): Agent {
    const own = this.agents.filter((agent) => agent.agentType === agentType);
    return own.reduce((first, agent) => (agent.freeAtMs < first.freeAtMs ? agent : first));
  }

  private between(least: number, most: number): number {
    return least + (most - least) * this.random();
  }
}

/** One task on its way. */
interface Step {
  workflowId: string;
  task: PlannedTask;
  readyAtMs: number;
  fault: PlannedFault | undefined;
  record: RunRecord;
}

/** From the task that ended last, back through the dependency that was recorded last. */
function markCriticalPath(tasks: MeasuredTask[]): void {
  const latest = (some: readonly MeasuredTask[]): MeasuredTask | undefined =>
    some.toSorted((one, other) => other.finishedAtMs! - one.finishedAtMs!)[0];
  for (let task = latest(tasks); task; task = latestDependency(task)) task.isCritical = true;

  function latestDependency({ dependsOn }: MeasuredTask): MeasuredTask | undefined {
    return latest(tasks.filter(({ taskId }) => dependsOn.includes(taskId)));
  }
}

function finished(id: string, name: string, createdAtMs: number, tasks: readonly MeasuredTask[]): MeasuredWorkflow {
  return {
    id,
    name,
    state: "succeeded",
    createdAtMs,
    finishedAtMs: Math.max(...tasks.map(({ finishedAtMs }) => finishedAtMs!)),
    tasks: tasks.length,
    succeeded: tasks.length,
    failed: 0,
    cancelled: 0,
    dead: 0,
    traceId: id.replaceAll("-", ""),
  };
}
