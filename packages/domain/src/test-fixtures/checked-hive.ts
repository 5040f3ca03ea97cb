/**
 * The model under a scenario, with a ledger kept beside it, against which every step is checked. Checks use `assert`:
 * there are millions of them, and with jest's `expect` they took two minutes. Only tests import this.
 */
import assert from "node:assert/strict";
import type { Edges } from "../graph/levels.js";
import type { Dispatch } from "../workflow/fill-windows.js";
import { EMPTY_HIVE, type Hive } from "../workflow/hive.js";
import { releaseDue } from "../workflow/interventions.js";
import type { TaskResult } from "../workflow/record-results.js";
import { isTerminal, type Task } from "../workflow/task.js";
import type { TaskCounters, Workflow, Workflows } from "../workflow/workflow.js";
import { type Action, answer, type Answer, type NamedAttempt } from "./actions.js";
import { Director, attemptsOf } from "./director.js";
import { AGENT_TYPES } from "./random-dag.js";
import type { HiveEvent } from "./some-scenario.js";

/** A hive that has been through all of these events, each of them checked. */
export function hiveAfter(events: readonly HiveEvent[]): CheckedHive {
  const hive = new CheckedHive();
  const director = new Director();
  for (const event of events) {
    const { next } = hive.perform(director.direct(event, hive.state));
    if (next !== undefined) director.turnedPage(next);
  }
  return hive;
}

export class CheckedHive {
  #state: Hive = EMPTY_HIVE;
  #now = 0;
  readonly #predecessors = new Map<string, Edges>();
  /** The attempt granted last, by task. */
  readonly #granted = new Map<string, number>();
  /** Attempts with an applied result. */
  readonly #applied = new Set<string>();
  readonly #history = new Set<string>();
  readonly #successes = new Map<string, number>();

  get state(): Hive {
    return this.#state;
  }

  get workflows(): Workflows {
    return this.#state.workflows;
  }

  perform(action: Action): Answer {
    const before = this.#state;
    this.#now += action.kind === "pass time" ? action.ms : 1;
    const answered = answer(before, action, { now: this.#now, random: () => 0.5 });
    this.#state = answered.hive;
    if (action.kind === "submit")
      for (const { id, graph } of action.workflows) this.#predecessors.set(id, graph.predecessors);
    if (action.kind === "record") this.#apply(action.batch.results ?? [], answered);
    if (action.kind === "time out") this.#apply(action.tasks, answered);
    this.#grant(answered.dispatched);
    this.#check(before);
    return answered;
  }

  record(results: readonly (TaskResult & NamedAttempt)[], slots: number): void {
    this.perform({ kind: "record", batch: { results }, room: roomForAll(slots) });
  }

  fill(slots: number): void {
    this.perform({ kind: "fill", room: roomForAll(slots) });
  }

  /** Releases everything delayed, whenever it is due. */
  releaseAll(): void {
    this.#state = { ...this.#state, workflows: releaseDue(this.workflows, Infinity) };
  }

  dispatched(): NamedAttempt[] {
    return attemptsOf(this.#state, "dispatched");
  }

  get isFinished(): boolean {
    return [...this.workflows.values()].every(({ status }) => status !== "running");
  }

  #apply(results: readonly Omit<TaskResult, "outcome">[], { verdicts }: Answer): void {
    verdicts.forEach((verdict, index) => {
      const { workflowId, position, attempt } = results[index]!;
      if (verdict !== "applied") return;
      const key = `${workflowId}:${position}`;
      assert.equal(attempt, this.#granted.get(key), `${key}: applied an attempt that is not the one granted last (I3)`);
      assert.ok(!this.#applied.has(`${key}@${attempt}`), `${key}: attempt ${attempt} was applied before (I2)`);
      this.#applied.add(`${key}@${attempt}`);
    });
  }

  #grant(dispatched: readonly Dispatch[]): void {
    for (const { workflowId, position, attempt } of dispatched) {
      const key = `${workflowId}:${position}`;
      assert.equal(attempt, (this.#granted.get(key) ?? 0) + 1, `${key}: attempts are granted one by one`);
      this.#granted.set(key, attempt);
      const workflow = this.workflows.get(workflowId)!;
      const before = this.#predecessors.get(workflowId)![position]!;
      assert.equal(workflow.status, "running", `${key}: dispatched in a workflow that has ended`);
      for (const each of before) {
        assert.equal(workflow.tasks[each]!.status, "succeeded", `${key}: dispatched before ${each} was recorded (I4)`);
      }
    }
  }

  #check({ workflows: before }: Hive): void {
    for (const workflow of this.workflows.values()) {
      const earlier = before.get(workflow.id) ?? workflow;
      if (workflow === earlier && before.has(workflow.id)) continue;
      if (earlier.status !== "running") assert.equal(workflow.status, earlier.status, `${workflow.id}: ended twice`);
      checkCounters(workflow);
      this.#checkHistory(workflow, earlier);
      workflow.tasks.forEach((task, position) => this.#checkTask(workflow, task, earlier.tasks[position]!, position));
    }
  }

  /** It only grows, every attempt ends once in it (I2), and its successes are what succeeded. */
  #checkHistory({ id, history, tasks, counters }: Workflow, earlier: Workflow): void {
    const known = earlier.history.length;
    assert.equal(history[known - 1], earlier.history[known - 1], `${id}: history was rewritten`);
    for (const { position, attempt, delivery, outcome } of history.slice(known)) {
      const line = `${id}:${position}@${attempt} ${delivery}`;
      assert.ok(!this.#history.has(line), `${line}: stands in history twice (I2)`);
      this.#history.add(line);
      if (outcome === "succeeded") assert.equal(tasks[position]!.status, "succeeded", `${line}: succeeded`);
      if (outcome === "succeeded") this.#successes.set(id, (this.#successes.get(id) ?? 0) + 1);
    }
    assert.equal(this.#successes.get(id) ?? 0, counters.succeeded, `${id}: successes in history`);
  }

  #checkTask(workflow: Workflow, task: Task, earlier: Task, position: number): void {
    if (task.status === "waiting") this.#checkWaiting(workflow, task.openDependencies, position);
    if (task === earlier) return;
    const key = `${workflow.id}:${position}`;
    assert.ok(!isTerminal(earlier.status), `${key}: changed after its end (I2)`);
    assert.equal(task.attempt, this.#granted.get(key) ?? 0, `${key}: attempt differs from what was granted`);
    assert.ok(task.charged <= task.attempt, `${key}: charged more often than tried`);
    assert.ok(task.charged <= workflow.plan[position]!.retry.maxAttempts, `${key}: charged beyond its policy`);
    assert.ok(task.crashesAlone <= task.crashes, `${key}: more crashes alone than crashes`);
  }

  #checkWaiting({ id, tasks }: Workflow, openDependencies: number, position: number): void {
    const before = this.#predecessors.get(id)![position]!;
    const open = before.filter((each) => tasks[each]!.status !== "succeeded").length;
    if (open > 0 && open === openDependencies) return;
    assert.fail(`${id}:${position}: waits for ${openDependencies} dependencies, of which ${open} are open (I4)`);
  }
}

/** Keeps I8, by counting again. */
function checkCounters({ id, status, tasks, counters }: Workflow): void {
  const recounted = { total: tasks.length, succeeded: 0, failed: 0, cancelled: 0, dead: 0, live: 0 };
  for (const task of tasks) recounted[isTerminal(task.status) ? task.status : "live"]++;
  for (const name of Object.keys(recounted) as (keyof TaskCounters)[]) {
    if (counters[name] !== recounted[name])
      assert.equal(counters[name], recounted[name], `${id}: counter ${name} (I8)`);
  }
  assert.equal(status === "running", counters.live > 0, `${id}: ${status} with ${counters.live} live tasks`);
  if (status === "succeeded") assert.equal(counters.succeeded, counters.total, `${id}: succeeded with tasks undone`);
  if (status === "failed") assert.ok(counters.failed + counters.dead > 0, `${id}: failed without a failed task`);
}

function roomForAll(slots: number): ReadonlyMap<string, number> {
  return new Map(AGENT_TYPES.map((type) => [type, slots]));
}
