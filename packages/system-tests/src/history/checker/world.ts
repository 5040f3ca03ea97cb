/**
 * What is known at a moment of a run, from its notes alone. A call that was made may have taken effect; an outcome that was
 * learned did. The judges compare the two with what comes next.
 *
 * Memory is bounded by what is live: a workflow goes a while after its end, an entry when it is settled.
 */
import { workflowFacts, type EntryFacts, type IncarnationFacts, type TaskFacts, type WorkflowFacts } from "./facts.js";
import { positionOf, workflowOf, type EntryNote, type Note, type NoteOf } from "./notes.js";
import { Processes, invocation } from "./processes.js";

/** How long after its end a workflow is remembered whole, for what is still under way. */
const LINGER_NS = 30e9;
/** The latest notes about a task that are kept as evidence. */
const TRAIL = 6;

export class World {
  readonly processes = new Processes();
  readonly workflows = new Map<string, WorkflowFacts>();
  readonly retired = new Set<string>();
  /** By group and entry id. */
  readonly entries = new Map<string, EntryFacts>();
  readonly incarnations = new Map<string, IncarnationFacts>();
  /** Claims that were not answered (yet): by group, when the latest was made. */
  readonly openClaims = new Map<string, Set<Note>>();
  epoch: NoteOf<"epoch"> | undefined;
  /** The latest wipe, and the epoch that it ended, if that was told. */
  wiped: { note: Note; epoch: string | undefined } | undefined;
  /** When Redis last lost something on purpose. */
  lossAt = -Infinity;
  private readonly ending: { id: string; at: number }[] = [];

  task(taskKey: string): TaskFacts | undefined {
    return this.workflows.get(workflowOf(taskKey))?.tasks[positionOf(taskKey)];
  }

  incarnation(name: string): IncarnationFacts {
    const known = this.incarnations.get(name) ?? {};
    this.incarnations.set(name, known);
    return known;
  }

  /** Workflows that may be forgotten now. */
  *retire(now = Infinity): Generator<WorkflowFacts> {
    while (this.ending.length > 0 && this.ending[0]!.at + LINGER_NS < now) {
      const workflow = this.workflows.get(this.ending.shift()!.id);
      if (workflow) yield this.forget(workflow);
    }
    if (now === Infinity) for (const workflow of this.workflows.values()) yield this.forget(workflow);
  }

  private forget(workflow: WorkflowFacts): WorkflowFacts {
    this.workflows.delete(workflow.id);
    this.retired.add(workflow.id);
    for (const [key, { taskKey }] of this.entries) {
      if (taskKey !== null && workflowOf(taskKey) === workflow.id) this.entries.delete(key);
    }
    return workflow;
  }

  /** Takes in what a note says, after it has been judged. @param call the invocation that it answers. */
  learn(note: Note, call: Note | undefined): void {
    switch (note.e) {
      case "submit":
        for (const [id, successors] of note.workflows) this.workflows.set(id, workflowFacts(id, successors, note));
        return;
      case "submitted":
        return this.submitted(note, invocation(note, call));
      case "advanced":
        return this.advanced(note);
      case "record":
        for (const [taskKey, , status] of note.results) {
          const task = this.trace(taskKey, note);
          if (task && status === "succeeded") task.maySucceed = true;
        }
        return;
      case "recorded":
        return this.recorded(note, invocation(note, call));
      case "cancelled": {
        const workflow = this.workflows.get(invocation(note, call)?.workflow ?? "");
        if (workflow && note.status === "cancelled") workflow.cancelled = note;
        return;
      }
      case "publish":
        for (const [taskKey, attempt] of note.tasks) this.trace(taskKey, note)?.settled.delete(attempt);
        return this.mayGo(note.group, note.source ?? []);
      case "published":
        return this.published(note, invocation(note, call));
      case "route":
        return this.mayGo(
          note.group,
          note.tasks.map(([, , id]) => id),
        );
      case "routed":
        return this.gone(invocation(note, call));
      case "delivered":
        return this.delivered(note, note.entries, note);
      case "claim":
        this.openClaims.set(note.group, (this.openClaims.get(note.group) ?? new Set()).add(note));
        return;
      case "claimed": {
        const claim = invocation(note, call);
        if (claim === undefined) return;
        this.openClaims.get(claim.group)?.delete(claim);
        return this.delivered(claim, note.entries, note);
      }
      case "begun":
        return this.begun(note, invocation(note, call));
      case "start":
        for (const [taskKey, attempt] of note.tasks) this.started(this.trace(taskKey, note), attempt, note);
        return;
      case "complete":
        return this.mayGo(
          note.group,
          note.tasks.map(([, , id]) => id),
        );
      case "completed":
        return this.completed(note, invocation(note, call));
      case "set-aside":
        return this.mayGo(note.group, note.ids);
      case "aside":
        for (const id of invocation(note, call)?.ids ?? [])
          this.entries.delete(`${invocation(note, call)!.group} ${id}`);
        return;
      case "cancel-heard":
        this.workflows.get(note.workflow)?.heard.set(note.p, note);
        return;
      case "judge":
        this.incarnation(note.incarnation).judged ??= note;
        return;
      case "judged": {
        const judge = invocation(note, call);
        if (judge && note.outcome === "declared") this.incarnation(judge.incarnation).dead ??= note;
        return;
      }
      case "goodbye":
        this.incarnation(note.incarnation).judged ??= note;
        return;
      case "remove":
        this.incarnation(note.consumer).judged ??= note;
        return;
      case "epoch":
        this.epoch = note;
        return;
      case "effect":
        this.trace(note.task, note)?.effects.push({ nonce: note.nonce, attempt: note.attempt });
        return;
      case "fault":
        return this.fault(note);
      default:
    }
  }

  /** The facts of a task, with the note added to what is known about it. */
  private trace(taskKey: string, note: Note): TaskFacts | undefined {
    const task = this.task(taskKey);
    if (task && task.trail.push(note) > TRAIL) task.trail.shift();
    return task;
  }

  private submitted(note: NoteOf<"submitted">, submit: NoteOf<"submit"> | undefined): void {
    for (const [id] of submit?.workflows ?? []) {
      if (note.replayed) this.workflows.delete(id);
      else this.workflows.get(id)!.accepted = true;
    }
  }

  private advanced(note: NoteOf<"advanced">): void {
    for (const [taskKey, attempt] of note.dispatched) {
      const task = this.trace(taskKey, note);
      if (task && attempt > (task.granted?.attempt ?? 0)) task.granted = { attempt, note };
    }
    for (const [taskKey] of note.changes) this.trace(taskKey, note);
    for (const [id, state] of note.finished) {
      const workflow = this.workflows.get(id);
      if (workflow === undefined || workflow.finished) continue;
      workflow.finished = { note, state };
      this.ending.push({ id, at: note.t });
    }
  }

  private recorded(note: NoteOf<"recorded">, record: NoteOf<"record"> | undefined): void {
    record?.results.forEach(([taskKey, attempt, status], index) => {
      if (note.verdicts[index] === "applied") this.trace(taskKey, note)?.applied.set(attempt, { note, status });
    });
  }

  private published(note: NoteOf<"published">, publish: NoteOf<"publish"> | undefined): void {
    if (publish === undefined) return;
    for (const id of publish.source ?? []) this.entries.delete(`${publish.group} ${id}`);
    if (note.status !== "ok") return;
    for (const [taskKey, attempt] of publish.settled) this.task(taskKey)?.settled.set(attempt, note);
  }

  private begun(note: NoteOf<"begun">, begin: NoteOf<"begin"> | undefined): void {
    begin?.tasks.forEach(([, , id], index) => {
      if (note.answers[index] !== "begun") this.entries.delete(`${begin.group} ${id}`);
    });
  }

  private started(task: TaskFacts | undefined, attempt: number, note: NoteOf<"start">): void {
    if (task === undefined) return;
    task.holder = { p: note.p, by: note.by };
    if (attempt <= task.lastStarted) return;
    task.lastStarted = attempt;
    task.firstStart = note;
  }

  private completed(note: NoteOf<"completed">, complete: NoteOf<"complete"> | undefined): void {
    complete?.tasks.forEach(([taskKey, attempt], index) => {
      if (note.answers[index] === "completed") this.trace(taskKey, note)?.completed.set(attempt, note);
    });
    this.gone(complete);
  }

  private delivered(
    { by, group, p }: { by: string; group: string; p: string },
    entries: EntryNote[],
    note: Note,
  ): void {
    this.incarnation(by).p = p;
    for (const [taskKey, attempt, id] of entries) {
      this.entries.set(`${group} ${id}`, { taskKey, attempt, owner: by, p, note, mayBeGone: false });
      if (taskKey !== null) this.trace(taskKey, note);
    }
  }

  private mayGo(group: string, ids: readonly string[]): void {
    for (const id of ids) {
      const entry = this.entries.get(`${group} ${id}`);
      if (entry) entry.mayBeGone = true;
    }
  }

  private gone(call: { group: string; tasks: [string, number, string][] } | undefined): void {
    for (const [, , id] of call?.tasks ?? []) this.entries.delete(`${call!.group} ${id}`);
  }

  private fault(note: NoteOf<"fault">): void {
    if (note.kind !== "wipe" && note.kind !== "lose") return;
    this.lossAt = note.t;
    this.entries.clear();
    if (note.kind !== "wipe") return;
    this.wiped = { note, epoch: note.epoch };
    // The dead set is gone, too.
    for (const facts of this.incarnations.values()) delete facts.dead;
  }
}
