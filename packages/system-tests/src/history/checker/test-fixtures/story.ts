/** Writes histories by hand: each method tells what one step of a sound hive would have noted, and keeps the records. */
import { ENGINES_GROUP } from "@agent-hive/contracts";
import { positionOf, workflowOf, type Note } from "../notes.js";
import type { PrimaryRecords, WorkflowRecord } from "../records.js";

const AGENTS = "agents";
const ENGINES = ENGINES_GROUP;

/** A process that notes. */
export class Teller {
  private next = 0;
  readonly p: string;
  /** Its incarnation. */
  readonly by: string;

  constructor(
    private readonly story: Story,
    readonly name: string,
    readonly pid: number,
  ) {
    this.p = `${pid}-life`;
    this.by = `${name}#${pid}`;
    this.note("process", { name, pid });
  }

  /** @returns the number of the note. */
  note(e: Note["e"], fields: object = {}): number {
    const n = this.next++;
    this.story.notes.push({ p: this.p, n, t: ++this.story.clock * 1_000, e, ...fields } as Note);
    return n;
  }
}

export class Story implements PrimaryRecords {
  readonly notes: Note[] = [];
  readonly records = new Map<string, WorkflowRecord>();
  clock = 0;
  /** Under which agents call. */
  epoch = "1";
  private pids = 100;
  private readonly successors = new Map<string, number[][]>();
  private readonly tellers: Teller[] = [];
  readonly engine = this.process("engine");
  readonly coordinator = this.process("coordinator");
  readonly witness = this.process("witness");

  process(name: string): Teller {
    const teller = new Teller(this, name, ++this.pids);
    this.tellers.push(teller);
    return teller;
  }

  /** Everybody who was not killed ends in good order. */
  close(): Note[] {
    for (const teller of this.tellers.splice(0)) teller.note("ended");
    return this.notes;
  }

  submit(id: string, successors: number[][], options: { key?: string; requestHash?: string } = {}): void {
    this.successors.set(id, successors);
    const waited = new Set(successors.flat());
    this.records.set(id, {
      id,
      state: "running",
      total: successors.length,
      succeeded: 0,
      failed: 0,
      cancelled: 0,
      dead: 0,
      finishedAtMs: null,
      tasks: successors.map(() => ({ state: "waiting", attempt: 0, handler: "effect", output: null })),
      attempts: [],
    });
    const of = this.engine.note("submit", { ...options, workflows: [[id, successors]] });
    const roots = successors.flatMap((_, position) => (waited.has(position) ? [] : [`${id}:${position}`]));
    this.advance(roots);
    this.engine.note("submitted", { of, ids: [id], replayed: false });
    this.publish(roots);
  }

  /** Grants the tasks their next attempts. */
  advance(taskKeys: string[], finished: [string, string][] = []): void {
    const dispatched = taskKeys.map((taskKey) => {
      const task = this.task(taskKey);
      Object.assign(task, { state: "dispatched", attempt: task.attempt + 1 });
      return [taskKey, task.attempt];
    });
    this.clock++;
    this.engine.note("advanced", { dispatched, changes: [], finished });
  }

  publish(taskKeys: string[], source: string[] = [], settled: [string, number][] = []): void {
    const tasks = taskKeys.map((taskKey) => [taskKey, this.task(taskKey).attempt]);
    const call = { by: this.engine.by, epoch: "1", ...(source.length > 0 && { group: ENGINES, source }) };
    const of = this.engine.note("publish", { ...call, tasks, settled });
    this.engine.note("published", { of, status: "ok", published: tasks.length });
  }

  deliver(agent: Teller, taskKey: string, attempt = this.task(taskKey).attempt): void {
    agent.note("delivered", { by: agent.by, group: AGENTS, entries: [[taskKey, attempt, entryOf(taskKey, attempt)]] });
  }

  begin(agent: Teller, taskKey: string, attempt = this.task(taskKey).attempt): void {
    const tasks = [[taskKey, attempt, entryOf(taskKey, attempt)]];
    const of = agent.note("begin", { by: agent.by, epoch: this.epoch, group: AGENTS, tasks });
    agent.note("begun", { of, answers: ["begun"] });
    agent.note("start", { by: agent.by, tasks });
  }

  effect(taskKey: string, attempt = this.task(taskKey).attempt): void {
    this.witness.note("effect", { task: taskKey, attempt, nonce: nonceOf(taskKey, attempt) });
  }

  complete(agent: Teller, taskKey: string, attempt = this.task(taskKey).attempt, answer = "completed"): void {
    const tasks = [[taskKey, attempt, entryOf(taskKey, attempt)]];
    const of = agent.note("complete", { by: agent.by, epoch: this.epoch, group: AGENTS, tasks });
    agent.note("completed", { of, answers: [answer] });
  }

  /** Records how an attempt ended; what follows from it is dispatched and published, the input acknowledged. */
  record(
    taskKey: string,
    status: "succeeded" | "failed",
    incarnation = "someone",
    attempt = this.task(taskKey).attempt,
  ): void {
    const id = workflowOf(taskKey);
    const record = this.records.get(id)!;
    const entry = `result of ${taskKey} ${attempt}`;
    this.engine.note("delivered", { by: this.engine.by, group: ENGINES, entries: [[taskKey, attempt, entry]] });
    const of = this.engine.note("record", { entries: [entry], results: [[taskKey, attempt, status, incarnation]] });
    const task = this.task(taskKey);
    const at = ++this.clock;
    record.attempts.push({
      position: positionOf(taskKey),
      attempt,
      delivery: "",
      outcome: status,
      dispatchedAtMs: at - 1,
      recordedAtMs: at,
      incarnation,
    });
    let ready: string[] = [];
    if (status === "failed") ready = [taskKey];
    else {
      Object.assign(task, { state: "succeeded", output: JSON.stringify({ nonce: nonceOf(taskKey, attempt) }) });
      record.succeeded++;
      ready = this.opened(taskKey);
    }
    const isOver = record.succeeded === record.total;
    if (isOver) Object.assign(record, { state: "succeeded", finishedAtMs: at });
    this.advance(ready, isOver ? [[id, "succeeded"]] : []);
    this.engine.note("recorded", { of, verdicts: ["applied"] });
    this.publish(ready, [entry], [[taskKey, attempt]]);
  }

  /** From hand-over to recording. */
  run(agent: Teller, taskKey: string, status: "succeeded" | "failed" = "succeeded"): void {
    this.deliver(agent, taskKey);
    this.begin(agent, taskKey);
    if (status === "succeeded") this.effect(taskKey);
    this.complete(agent, taskKey);
    this.record(taskKey, status, agent.by);
  }

  kill(victim: Teller): void {
    this.witness.note("fault", { kind: "kill", pid: victim.pid });
    this.tellers.splice(this.tellers.indexOf(victim), 1);
  }

  declareDead(victim: Teller): void {
    const of = this.coordinator.note("judge", {
      by: this.coordinator.by,
      epoch: "1",
      incarnation: victim.by,
      kind: "crashed",
    });
    this.coordinator.note("judged", { of, outcome: "declared" });
  }

  claim(heir: Teller, taskKey: string, attempt = this.task(taskKey).attempt): void {
    const of = heir.note("claim", { by: heir.by, epoch: "1", group: AGENTS });
    heir.note("claimed", { of, entries: [[taskKey, attempt, entryOf(taskKey, attempt)]] });
  }

  task(taskKey: string): WorkflowRecord["tasks"][number] {
    return this.records.get(workflowOf(taskKey))!.tasks[positionOf(taskKey)]!;
  }

  async workflows(ids: readonly string[]): Promise<Map<string, WorkflowRecord>> {
    return new Map(ids.flatMap((id) => (this.records.has(id) ? [[id, this.records.get(id)!] as const] : [])));
  }

  async *ids(): AsyncGenerator<string[]> {
    yield [...this.records.keys()];
  }

  private opened(taskKey: string): string[] {
    const id = workflowOf(taskKey);
    const all = this.successors.get(id)!;
    return all[positionOf(taskKey)]!.filter((successor) =>
      all.every((of, position) => !of.includes(successor) || this.task(`${id}:${position}`).state === "succeeded"),
    ).map((position) => `${id}:${position}`);
  }
}

const nonceOf = (taskKey: string, attempt: number): string => `${taskKey} did ${attempt}`;
const entryOf = (taskKey: string, attempt: number): string => `${taskKey}-${attempt}`;
