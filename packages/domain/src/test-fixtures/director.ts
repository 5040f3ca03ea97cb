/** Turns the events of a scenario into actions, by the state that a hive has reached. */
import { DependencyGraphBuilder } from "../graph/dependency-graph-builder.js";
import type { Report } from "../workflow/attempt-record.js";
import type { DeadLetter } from "../workflow/dead-letter.js";
import type { FreeSlots } from "../workflow/fill-windows.js";
import type { Hive } from "../workflow/hive.js";
import type { PageEnd } from "../workflow/interventions.js";
import type { TaskCheckpoint } from "../workflow/record-checkpoints.js";
import type { TaskStatus } from "../workflow/task.js";
import type { Action, NamedAttempt, NamedBatch, Start, StartTask } from "./actions.js";
import { AGENT_TYPES } from "./random-dag.js";
import type { BatchSketch, HiveEvent, Target, WorkflowSketch } from "./some-scenario.js";

/** Longer than any delay that a scenario has. */
const TIME_STEP_MS = 1_000_000;

/** So far apart that it is certain which are over, however long a scenario takes. */
export const TIMEOUTS_MS = [1_000, 1_000_000, 1_000_000_000] as const;

/** A uuid; the order of ids is not that of submission. */
const nthWorkflow = (n: number): string =>
  `01990000-0000-7000-8000-0000${(Math.imul(n + 1, 2_654_435_761) >>> 0).toString(16).padStart(8, "0")}`;

type NamedResult = NonNullable<NamedBatch["results"]>[number];
type NamedCrash = NonNullable<NamedBatch["crashes"]>[number];

export class Director {
  #submitted = 0;
  #deliveries = 0;
  #page: PageEnd | null = null;
  #seen: { hive: Hive | null; all: NamedAttempt[]; dispatched: NamedAttempt[] } = {
    hive: null,
    all: [],
    dispatched: [],
  };
  readonly #batches: NamedBatch[] = [];
  readonly #results: NamedResult[] = [];
  readonly #crashes: NamedCrash[] = [];
  readonly #checkpoints: TaskCheckpoint[] = [];
  readonly #deadLetters: DeadLetter[] = [];

  /** The action that the event means in this state of the hive. */
  direct(event: HiveEvent, hive: Hive): Action {
    switch (event.kind) {
      case "submit": {
        const { key, body } = event;
        const idempotency = key === null ? undefined : { key: `key ${key}`, requestHash: `hash ${body}` };
        const workflows = event.workflows.map((sketch) => this.#start(sketch));
        return { kind: "submit", workflows, idempotency, room: this.#room(event.room) };
      }
      case "record": {
        const batch = this.#batch(event.batch, hive);
        this.#batches.push(batch);
        return { kind: "record", batch, room: this.#room(event.room) };
      }
      case "record again":
        return { kind: "record", batch: pickFrom(this.#batches, event.pick) ?? {}, room: this.#room(event.room) };
      case "time out": {
        const tasks = event.targets.map((target) => this.#attempt(target, hive));
        return { kind: "time out", tasks, room: this.#room(event.room) };
      }
      case "fill":
        return { kind: "fill", room: this.#room(event.room) };
      case "release":
        return { kind: "release", limit: limitBetweenTimes(hive, event.most) };
      case "pass time":
        return { kind: "pass time", ms: TIME_STEP_MS };
      case "cancel":
        return { kind: "cancel", workflowId: pickFrom([...hive.workflows.keys()], event.pick)! };
      case "lose epoch":
        return { kind: "lose epoch" };
      case "redispatch":
        return { kind: "redispatch", after: event.goOn ? this.#page : null, limit: event.most };
    }
  }

  /** Where the last page of redispatched tasks ended: a next one may go on from there. */
  turnedPage(end: PageEnd | null): void {
    this.#page = end;
  }

  #start({ tasks, priority, retry }: WorkflowSketch): Start {
    const planned = tasks.map((task, position): StartTask => {
      return { ...task, retry, timeoutMs: TIMEOUTS_MS[position % 3]! };
    });
    const { graph, problems } = new DependencyGraphBuilder().build({ tasks: planned });
    if (graph === undefined) throw new Error(JSON.stringify(problems));
    return { id: nthWorkflow(this.#submitted++), priority, graph };
  }

  #batch(sketch: BatchSketch, hive: Hive): NamedBatch {
    return {
      checkpoints: sketch.checkpoints.map((each) => this.#checkpoint(each, hive)),
      crashes: sketch.crashes.flatMap((each) => this.#lost(each, hive)),
      deadLetters: sketch.deadLetters.map((each) => this.#deadLetter(each, hive)),
      results: sketch.results.map((each) => this.#result(each, hive)),
    };
  }

  #result({ outcome, ...target }: BatchSketch["results"][number], hive: Hive): NamedResult {
    const named = target.from === "named" ? this.#namedResult(target.pick, hive) : undefined;
    if (named && !target.otherwise) return named;
    const task = named ?? this.#attempt(target, hive);
    const report = { ...this.#report(task), ...whatStays(target.pick, named?.report) };
    return kept(this.#results, { ...task, outcome, report });
  }

  /** Half of them for attempts that were superseded since: what is late is where fencing shows. */
  #namedResult(pick: number, { workflows }: Hive): NamedResult | undefined {
    const isOver = ({ workflowId, position, attempt }: NamedResult) =>
      (workflows.get(workflowId)?.tasks[position]?.attempt ?? 0) > attempt;
    const late = pick % 2 === 0 ? this.#results.filter(isOver) : [];
    return pickFrom(late.length > 0 ? late : this.#results, pick >> 1);
  }

  #lost({ alone, charged, times, ...target }: BatchSketch["crashes"][number], hive: Hive): NamedCrash[] {
    const named = target.from === "named" ? pickFrom(this.#crashes, target.pick) : undefined;
    if (named && !target.otherwise) return [named];
    if (named) return [kept(this.#crashes, { ...named, alone, charged })];
    const task = this.#attempt(target, hive);
    return Array.from({ length: times }, () => {
      const { entryId, stream, incarnation, startedAt } = this.#report(task);
      const known = times % 2 === 0 ? startedAt : null;
      return kept(this.#crashes, { ...task, entryId, stream, incarnation, alone, charged, startedAt: known });
    });
  }

  #checkpoint({ sequence, ...target }: BatchSketch["checkpoints"][number], hive: Hive): TaskCheckpoint {
    const named = target.from === "named" ? pickFrom(this.#checkpoints, target.pick) : undefined;
    if (named) return named;
    const { workflowId, position, attempt } = this.#attempt(target, hive);
    return kept(this.#checkpoints, { workflowId, position, attempt, sequence, data: `"${attempt}.${sequence}"` });
  }

  #deadLetter(target: Target, hive: Hive): DeadLetter {
    const named = target.from === "named" ? pickFrom(this.#deadLetters, target.pick) : undefined;
    if (named && !target.otherwise) return named;
    const { agentType, ...task } = this.#attempt(target, hive);
    const { agentId, incarnation, entryId, stream } = this.#report({ ...task, agentType });
    const message = `nobody takes ${entryId}`;
    const letter = { reason: "NO_TAKER", message, stream, entryId, incarnation, agentId, fields: { k: entryId } };
    return kept(this.#deadLetters, { ...letter, task: target.pick % 5 === 0 ? null : task });
  }

  /** Every delivery is one of its own: entry and incarnation are never used again. */
  #report({ agentType }: NamedAttempt): Report {
    const n = this.#deliveries++;
    return {
      agentId: `agent-${n % 3}`,
      incarnation: `incarnation-${n}`,
      entryId: `${n}-0`,
      stream: streamOf(agentType),
      startedAt: 1_790_000_000_000 + n,
      finishedAt: 1_790_000_000_005 + n,
      runMs: 5 + n / 4,
    };
  }

  #attempt({ from, pick, skew }: Target, hive: Hive): NamedAttempt {
    const { all, dispatched } = this.#look(hive);
    const chosen = pickFrom(from === "any" || dispatched.length === 0 ? all : dispatched, pick)!;
    const task = skew === 0 ? chosen : { ...chosen, attempt: Math.max(0, chosen.attempt + skew) };
    if (from !== "nowhere") return task;
    // Of one agent type, as all that names one task is.
    const unknown = { ...task, agentType: AGENT_TYPES[0] };
    return pick % 2 === 0 ? { ...unknown, position: 99 } : { ...unknown, workflowId: nthWorkflow(999) };
  }

  #look(hive: Hive): { all: NamedAttempt[]; dispatched: NamedAttempt[] } {
    if (this.#seen.hive !== hive) {
      this.#seen = { hive, all: attemptsOf(hive), dispatched: attemptsOf(hive, "dispatched") };
    }
    return this.#seen;
  }

  #room(room: readonly (number | null)[]): FreeSlots {
    return new Map(
      AGENT_TYPES.flatMap((type, index) => {
        const free = room[index];
        return free === null || free === undefined ? [] : [[type, free] as const];
      }),
    );
  }
}

/** Where entries of an agent type are. */
export const streamOf = (agentType: string): string => `agent_messages:${agentType}`;

/** Every task (in the status given) with its present attempt, in the order of submission. */
export function attemptsOf({ workflows }: Pick<Hive, "workflows">, wanted?: TaskStatus): NamedAttempt[] {
  const found: NamedAttempt[] = [];
  for (const { id, plan, tasks } of workflows.values()) {
    tasks.forEach(({ attempt, status }, position) => {
      if (wanted !== undefined && status !== wanted) return;
      found.push({ workflowId: id, position, agentType: plan[position]!.agentType, attempt });
    });
  }
  return found;
}

/** At least `most`, and so many that it is certain which tasks are released: equal times are not cut apart. */
function limitBetweenTimes({ workflows }: Hive, most: number): number {
  const times = [...workflows.values()]
    .flatMap(({ tasks }) => tasks.flatMap((task) => (task.status === "delayed" ? [task.dueAt] : [])))
    .toSorted((a, b) => a - b);
  const last = times[most - 1];
  return last === undefined ? most : times.filter((time) => time <= last).length;
}

/** Of another delivery of the same attempt: nothing, the entry, or who held it. */
function whatStays(pick: number, report: Report | undefined): Partial<Report> {
  if (report === undefined) return {};
  return [{}, { entryId: report.entryId }, { incarnation: report.incarnation }][pick % 3]!;
}

function kept<T>(all: T[], one: T): T {
  all.push(one);
  return one;
}

function pickFrom<T>(items: readonly T[], pick: number): T | undefined {
  return items[pick % items.length];
}
