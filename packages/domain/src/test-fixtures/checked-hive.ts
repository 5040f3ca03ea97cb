/**
 * The workflow model under random events, with a ledger kept beside it, against which every step is checked. Checks
 * use `assert`: there are millions of them, and with jest's `expect` they took two minutes. Only tests import this.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Edges } from "../graph/levels.js";
import { DependencyGraphBuilder } from "../graph/dependency-graph-builder.js";
import { type Dispatch, fillWindows } from "../workflow/fill-windows.js";
import { cancelWorkflow, redispatchAll, releaseDue } from "../workflow/interventions.js";
import { type Outcome, recordResults, type TaskResult } from "../workflow/record-results.js";
import { isTerminal, type Task } from "../workflow/task.js";
import { startWorkflow, type TaskCounters, type Workflow, type Workflows } from "../workflow/workflow.js";
import { AGENT_TYPES, randomDag } from "./random-dag.js";

export type HiveEvent =
  /** Results for dispatched tasks, for what was reported before, and for attempts that are off by one. */
  | {
      kind: "results";
      results: { from: "dispatched" | "reported" | "off by one"; pick: number; outcome: Outcome }[];
      room: number;
    }
  | { kind: "fill"; room: number }
  | { kind: "time"; ms: number }
  | { kind: "cancel"; pick: number }
  | { kind: "epoch lost" };

const failure = { code: "boom", message: "It broke." };
const someOutcome: fc.Arbitrary<Outcome> = fc.oneof(
  { weight: 30, arbitrary: fc.record({ kind: fc.constant("succeeded" as const), output: fc.nat() }) },
  {
    weight: 10,
    arbitrary: fc.constantFrom<Outcome>(
      { kind: "failed", failure, retryable: true },
      { kind: "failed", failure, retryable: true, retryAfterMs: 2_000 },
      { kind: "timed-out", failure },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Outcome>(
      { kind: "failed", failure, retryable: false },
      { kind: "dead-letter", failure },
    ),
  },
);
const room = fc.nat(3);

export const someOutcomes = fc.array(someOutcome, { maxLength: 60 });

export const someEvents: fc.Arbitrary<HiveEvent[]> = fc.array(
  fc.oneof(
    {
      weight: 24,
      arbitrary: fc.record({
        kind: fc.constant("results" as const),
        results: fc.array(
          fc.record({
            from: fc.constantFrom(
              "dispatched" as const,
              "dispatched" as const,
              "reported" as const,
              "off by one" as const,
            ),
            pick: fc.nat(),
            outcome: someOutcome,
          }),
          { maxLength: 6 },
        ),
        room,
      }),
    },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("fill" as const), room }) },
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("time" as const), ms: fc.nat(3_000) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancel" as const), pick: fc.nat() }) },
    { weight: 1, arbitrary: fc.constant({ kind: "epoch lost" as const }) },
  ),
  { minLength: 10, maxLength: 80, size: "max" },
);

/** One to three workflows of up to ten tasks. */
export const someWorkflows = fc.array(fc.record({ definition: randomDag(10), priority: fc.nat(9) }), {
  minLength: 1,
  maxLength: 3,
});

type WorkflowSketches = typeof someWorkflows extends fc.Arbitrary<infer Drawn> ? Drawn : never;

/** A hive that has been through all of these events, each of them checked. */
export function hiveAfter(drawn: WorkflowSketches, events: readonly HiveEvent[]): SimulatedHive {
  const hive = new SimulatedHive(drawn);
  for (const event of events) hive.apply(event);
  return hive;
}

export class SimulatedHive {
  workflows: Workflows;
  readonly #predecessors = new Map<string, Edges>();
  #now = 0;
  readonly #reported: TaskResult[] = [];
  /** The attempt granted last, by task. */
  readonly #granted = new Map<string, number>();
  /** Attempts with an applied result. */
  readonly #applied = new Set<string>();

  constructor(drawn: WorkflowSketches) {
    const workflows = drawn.map(({ definition, priority }, index) => {
      const { graph, problems } = new DependencyGraphBuilder().build(definition);
      if (graph === undefined) throw new Error(JSON.stringify(problems));
      this.#predecessors.set(`w${index}`, graph.predecessors);
      return startWorkflow({ id: `w${index}`, priority, graph });
    });
    this.workflows = new Map(workflows.map((workflow) => [workflow.id, workflow]));
  }

  apply(event: HiveEvent): void {
    const before = this.workflows;
    switch (event.kind) {
      case "results": {
        const batch = event.results.flatMap((each) => this.#draw(each.from, each.pick, each.outcome));
        this.record(batch, event.room);
        break;
      }
      case "fill":
        this.fill(event.room);
        break;
      case "time":
        this.#now += event.ms;
        this.workflows = releaseDue(this.workflows, this.#now);
        break;
      case "cancel": {
        const workflow = pickFrom([...this.workflows.values()], event.pick)!;
        if (workflow.status !== "running") break;
        this.workflows = new Map(this.workflows).set(workflow.id, cancelWorkflow(workflow));
        break;
      }
      case "epoch lost": {
        const lost = redispatchAll(this.workflows);
        this.workflows = lost.workflows;
        this.#grant(lost.dispatched);
      }
    }
    this.#check(before);
  }

  record(batch: readonly TaskResult[], slots: number): void {
    const options = { now: this.#now, random: () => 0.5, freeSlotsByType: roomForAll(slots) };
    const recorded = recordResults(this.workflows, batch, options);
    recorded.verdicts.forEach((verdict, index) => {
      const { workflowId, position, attempt } = batch[index]!;
      if (verdict !== "applied") return;
      const key = `${workflowId}:${position}`;
      assert.equal(attempt, this.#granted.get(key), `${key}: applied an attempt that is not the one granted last (I3)`);
      assert.ok(!this.#applied.has(`${key}@${attempt}`), `${key}: attempt ${attempt} was applied before (I2)`);
      this.#applied.add(`${key}@${attempt}`);
    });
    this.#reported.push(...batch);
    this.workflows = recorded.workflows;
    this.#grant(recorded.dispatched);
  }

  fill(slots: number): void {
    const filled = fillWindows(this.workflows, roomForAll(slots));
    this.workflows = filled.workflows;
    this.#grant(filled.dispatched);
  }

  /** Releases everything delayed, whenever it is due. */
  releaseAll(): void {
    this.workflows = releaseDue(this.workflows, Infinity);
  }

  dispatched(): { workflowId: string; position: number; attempt: number }[] {
    return [...this.workflows.values()].flatMap(({ id, tasks }) =>
      tasks.flatMap(({ status, attempt }, position) =>
        status === "dispatched" ? [{ workflowId: id, position, attempt }] : [],
      ),
    );
  }

  get isFinished(): boolean {
    return [...this.workflows.values()].every(({ status }) => status !== "running");
  }

  #draw(from: "dispatched" | "reported" | "off by one", pick: number, outcome: Outcome): TaskResult[] {
    const target = pickFrom(from === "reported" ? this.#reported : this.dispatched(), pick);
    if (target === undefined) return [];
    const skew = from === "off by one" ? (pick % 2 === 0 ? 1 : -1) : 0;
    return [{ ...target, attempt: target.attempt + skew, outcome }];
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

  #check(before: Workflows): void {
    for (const workflow of this.workflows.values()) {
      const earlier = before.get(workflow.id)!;
      if (earlier.status !== "running") assert.equal(workflow.status, earlier.status, `${workflow.id}: ended twice`);
      checkCounters(workflow);
      workflow.tasks.forEach((task, position) => this.#checkTask(workflow, task, earlier.tasks[position]!, position));
    }
  }

  #checkTask(workflow: Workflow, task: Task, earlier: Task, position: number): void {
    const key = `${workflow.id}:${position}`;
    if (isTerminal(earlier.status)) assert.equal(task, earlier, `${key}: changed after its end (I2)`);
    assert.equal(task.attempt, this.#granted.get(key) ?? 0, `${key}: attempt differs from what was granted`);
    assert.ok(task.charged <= task.attempt, `${key}: charged more often than tried`);
    assert.ok(task.charged <= workflow.plan[position]!.retry.maxAttempts, `${key}: charged beyond its policy`);
    if (task.status !== "waiting") return;
    const before = this.#predecessors.get(workflow.id)![position]!;
    const open = before.filter((each) => workflow.tasks[each]!.status !== "succeeded");
    assert.equal(task.openDependencies, open.length, `${key}: open dependencies`);
    assert.ok(open.length > 0, `${key}: waits for nothing`);
  }
}

/** Keeps I8, by counting again. */
function checkCounters({ id, status, tasks, counters }: Workflow): void {
  const recounted = { total: tasks.length, succeeded: 0, failed: 0, cancelled: 0, dead: 0, live: 0 };
  for (const task of tasks) recounted[isTerminal(task.status) ? task.status : "live"]++;
  for (const name of Object.keys(recounted) as (keyof TaskCounters)[]) {
    assert.equal(counters[name], recounted[name], `${id}: counter ${name} (I8)`);
  }
  assert.equal(status === "running", counters.live > 0, `${id}: ${status} with ${counters.live} live tasks`);
  if (status === "succeeded") assert.equal(counters.succeeded, counters.total, `${id}: succeeded with tasks undone`);
  if (status === "failed") assert.ok(counters.failed + counters.dead > 0, `${id}: failed without a failed task`);
}

function roomForAll(slots: number): ReadonlyMap<string, number> {
  return new Map(AGENT_TYPES.map((type) => [type, slots]));
}

function pickFrom<T>(items: readonly T[], pick: number): T | undefined {
  return items[pick % items.length];
}
