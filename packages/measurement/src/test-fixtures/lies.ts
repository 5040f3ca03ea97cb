/** Ways to falsify a sound record of a run. Each must be reported; what each invariant is worth is shown by them. */
import type { Invariant } from "../measurement.js";
import type { AttemptRecord, RunRecords, TaskRecord } from "../records.js";

export interface Lie {
  name: string;
  /** Those that must be violated; others may be, too. */
  violates: Invariant["id"][];
  /** Changes the records in place. @returns false if they offer no occasion. */
  tell(records: RunRecords): boolean;
}

const LATER_MS = 5_000;

export const LIES: readonly Lie[] = [
  {
    name: "a result is deleted",
    violates: ["I2", "I6"],
    tell: (records) =>
      onSuccess(records, (success) => void records.attempts.splice(records.attempts.indexOf(success), 1)),
  },
  {
    name: "a result is doubled, as of another delivery",
    violates: ["I2"],
    tell: (records) =>
      onSuccess(records, (success) => void records.attempts.push({ ...success, delivery: "again 1-0 somebody" })),
  },
  {
    name: "a result is doubled, as of another attempt",
    violates: ["I2"],
    tell: (records) =>
      onSuccess(records, (success) => void records.attempts.push({ ...success, attempt: success.attempt + 1 })),
  },
  {
    name: "results are swapped between two tasks",
    violates: ["I2"],
    tell: (records) =>
      onSuccess(records, (success) => {
        const other = records.attempts.find((each) => isSuccess(each) && each.recordedAtMs !== success.recordedAtMs);
        if (other === undefined) return false;
        const { workflowId, position, attempt } = success;
        Object.assign(success, { workflowId: other.workflowId, position: other.position, attempt: other.attempt });
        Object.assign(other, { workflowId, position, attempt });
      }),
  },
  {
    name: "a result is recorded before its dependency's",
    violates: ["I4"],
    tell: (records) =>
      onDependent(records, (dependent, dependency) => {
        const success = successOf(records, dependent)!;
        const early = successOf(records, dependency)!.recordedAtMs - 1;
        success.recordedAtMs = early;
        dependent.finishedAtMs = early;
      }),
  },
  {
    name: "a task starts before its dependency is recorded",
    violates: ["I4"],
    tell: (records) =>
      onDependent(records, (dependent, dependency) => {
        const success = successOf(records, dependent)!;
        success.startedAtMs = successOf(records, dependency)!.recordedAtMs - 2 * records.clockToleranceMs;
      }),
  },
  {
    name: "a counter of a workflow is falsified",
    violates: ["I8", "I11"],
    tell: (records) => onFirst(records.workflows, (workflow) => void workflow.succeeded++),
  },
  {
    name: "a recovery time is falsified in an event",
    violates: ["I11"],
    tell: (records) => {
      const act = records.acts[0];
      const task = act && taskNamed(records, act.held[0]!);
      const success = task && successOf(records, task);
      if (act === undefined || success === undefined) return false;
      const recovery = { from: act.incarnation, part: "recordedMs", ms: success.recordedAtMs - act.atMs - 10 };
      const { workflowId, taskId } = act.held[0]!;
      const at = new Date(success.recordedAtMs).toISOString();
      records.events.push({ type: "task.succeeded", at, workflowId, taskId, data: { recovery } });
      return true;
    },
  },
  {
    name: "a counter of throughput is falsified",
    violates: ["I11"],
    tell: (records) =>
      onSuccess(records, () => {
        const seconds = (records.window.toMs - records.window.fromMs) / 1000;
        const perSecond = (1.1 * records.attempts.filter(isSuccess).length) / seconds;
        records.published.push({ kind: "throughput", source: "a status", of: "tasks", perSecond });
      }),
  },
  {
    name: "an attempt is applied after the next was granted",
    violates: ["I3"],
    tell: (records) =>
      onFirst(
        records.attempts.filter(({ outcome }) => outcome === "failed"),
        (failed) => {
          const next = records.attempts.find((each) => isOf(each, failed) && each.attempt === failed.attempt + 1);
          if (next === undefined || next.dispatchedAtMs === null) return false;
          failed.recordedAtMs = next.dispatchedAtMs + 1;
        },
      ),
  },
  {
    name: "a finished workflow has live tasks",
    violates: ["I1", "I8"],
    tell: (records) =>
      onFirst(
        records.workflows.filter(({ state }) => state === "running"),
        (workflow) => void Object.assign(workflow, { state: "succeeded", finishedAtMs: records.window.toMs }),
      ),
  },
  {
    name: "something is recorded after the cancellation",
    violates: ["I2", "I4"],
    tell: (records) =>
      onFirst(
        records.attempts.filter(({ outcome }) => outcome === "cancelled"),
        (cancelled) => {
          const recordedAtMs = cancelled.recordedAtMs + 1;
          records.attempts.push({ ...cancelled, attempt: cancelled.attempt + 1, outcome: "succeeded", recordedAtMs });
        },
      ),
  },
  {
    name: "a delivery that was lost with its process is applied",
    violates: ["I3"],
    tell: (records) =>
      onFirst(
        records.attempts.filter(({ outcome }) => outcome === "crashed"),
        (crashed) => {
          const success = records.attempts.find((each) => isOf(each, crashed) && isSuccess(each));
          if (success === undefined || success.attempt !== crashed.attempt) return false;
          success.incarnation = crashed.incarnation;
        },
      ),
  },
  {
    name: "a workflow has lost what could move it",
    violates: ["I1"],
    tell: (records) =>
      onFirst(
        records.workflows.filter(({ state }) => state === "running"),
        (workflow) => {
          for (const task of records.tasks) {
            if (task.workflowId === workflow.id && task.state !== "succeeded") task.state = "waiting";
          }
        },
      ),
  },
  {
    name: "an accepted workflow is gone",
    violates: ["I1"],
    tell: (records) =>
      onFirst(records.submissions, (submission) => void submission.missing.push(...submission.workflowIds)),
  },
  {
    name: "one key has two workflows",
    violates: ["I5"],
    tell: (records) => onFirst(records.submissions, (first) => void records.submissions.push({ ...first })),
  },
  {
    name: "a dispatched task is nowhere in flight",
    violates: ["I6"],
    tell: (records) => {
      const { inFlight } = records;
      const [key] = inFlight?.attempts.keys() ?? [];
      if (inFlight === null || key === undefined) return false;
      records.inFlight = { ...inFlight, attempts: new Map([...inFlight.attempts].filter(([each]) => each !== key)) };
      return true;
    },
  },
  {
    name: "an entry is deleted in its consumer's hands",
    violates: ["I7"],
    tell: (records) => onFirst(records.groups, (group) => void group.length--),
  },
  {
    name: "a consumer is removed with what it holds",
    violates: ["I7"],
    tell: (records) => onFirst(records.groups, (group) => void (group.heldByConsumers = 0)),
  },
  {
    name: "an event tells of another winner",
    violates: ["I11"],
    tell: (records) =>
      onFirst(
        records.events.filter(({ type }) => type === "task.succeeded"),
        (event) => void (event.incarnation = "somebody else"),
      ),
  },
  {
    name: "an event tells of another end",
    violates: ["I11"],
    tell: (records) =>
      onFirst(
        records.events.filter(({ type }) => type === "workflow.succeeded"),
        (event) => void (event.type = "workflow.failed"),
      ),
  },
  {
    name: "a late dispatch of a task that has ended",
    violates: ["I4"],
    tell: (records) =>
      onFirst(
        records.tasks.filter(({ state }) => state === "succeeded"),
        (task) => void (task.dispatchedAtMs! += LATER_MS),
      ),
  },
];

/** The first of them for which the change is possible. */
function onFirst<Item>(items: readonly Item[], change: (item: Item) => void | false): boolean {
  return items.some((item) => change(item) !== false);
}

const isSuccess = ({ delivery, outcome }: AttemptRecord): boolean => delivery === "" && outcome === "succeeded";

const isOf = (one: AttemptRecord, other: AttemptRecord): boolean =>
  one.workflowId === other.workflowId && one.position === other.position;

const onSuccess = (records: RunRecords, change: (success: AttemptRecord) => void | false): boolean =>
  onFirst(records.attempts.filter(isSuccess), change);

const successOf = (records: RunRecords, { workflowId, position }: TaskRecord): AttemptRecord | undefined =>
  records.attempts.find((each) => isSuccess(each) && each.workflowId === workflowId && each.position === position);

const taskNamed = (records: RunRecords, { workflowId, taskId }: Pick<TaskRecord, "workflowId" | "taskId">) =>
  records.tasks.find((task) => task.workflowId === workflowId && task.taskId === taskId);

/** A task that succeeded, and one of its dependencies. */
function onDependent(records: RunRecords, change: (dependent: TaskRecord, dependency: TaskRecord) => void): boolean {
  return onFirst(
    records.tasks.filter(({ state, successors }) => state === "succeeded" && successors.length > 0),
    (dependency) => {
      const dependent = records.tasks.find(
        ({ workflowId, position, state }) =>
          workflowId === dependency.workflowId && dependency.successors.includes(position) && state === "succeeded",
      );
      if (dependent === undefined) return false;
      change(dependent, dependency);
    },
  );
}
