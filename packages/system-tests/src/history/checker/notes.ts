/** The notes of a history, as docs/history.md describes them. */

/** A task (`<workflow id>:<position>`) and the number of an attempt. */
type AttemptNote = [taskKey: string, attempt: number];
/** An attempt, and the entry by which it was handed over. */
type DeliveryNote = [taskKey: string, attempt: number, entryId: string];
/** An entry; what it does not say about a task is null. */
export type EntryNote = [taskKey: string | null, attempt: number | null, entryId: string];
type ResultNote = [taskKey: string, attempt: number, status: string, incarnation?: string];

/** Counts over all workflows. */
export type TaskCounts = Record<"total" | "succeeded" | "failed" | "cancelled" | "dead" | "live", number>;

/** On behalf of which incarnation, in which group, and under which epoch a script was called. */
interface Call {
  by: string;
  epoch: string;
  group: string;
}

/** What each kind of note says, by its kind. */
interface Kinds {
  process: { name: string; pid: number };
  ended: object;
  submit: { key?: string; requestHash?: string; workflows: [id: string, successors: number[][]][] };
  submitted: { of: number; ids: string[]; replayed: boolean };
  advanced: {
    dispatched: AttemptNote[];
    changes: [taskKey: string, attempt: number, state: string][];
    finished: [workflow: string, state: string][];
  };
  record: { entries: string[]; results: ResultNote[] };
  recorded: { of: number; verdicts: string[] };
  cancel: { workflow: string };
  cancelled: { of: number; status: string };
  publish: Call & { source?: string[]; tasks: AttemptNote[]; settled: AttemptNote[] };
  published: { of: number; status: "ok" | "lost"; published: number };
  route: Call & { tasks: DeliveryNote[] };
  routed: { of: number; answers: string[]; letters: string[] };
  delivered: { by: string; group: string; entries: EntryNote[] };
  claim: Call;
  claimed: { of: number; entries: EntryNote[] };
  begin: Call & { tasks: DeliveryNote[] };
  begun: { of: number; answers: string[] };
  start: { by: string; tasks: DeliveryNote[] };
  complete: Call & { tasks: DeliveryNote[] };
  completed: { of: number; answers: string[] };
  "set-aside": Call & { ids: string[] };
  aside: { of: number; answers: string[] };
  "cancel-heard": { workflow: string; tasks?: string[] };
  judge: { by: string; epoch: string; incarnation: string; kind: string };
  judged: { of: number; outcome: string };
  goodbye: { incarnation: string; group?: string };
  remove: { group: string; consumer: string };
  removed: { of: number; answer: number | "live" };
  epoch: { epoch: string };
  effect: { task: string; attempt: number; nonce: string };
  fault: { kind: string; pid?: number; epoch?: string };
  exited: { name: string; pid: number; signal: string | null; code: number | null; expected: boolean };
  snapshot: { tasks: TaskCounts };
  look: {
    entries: [stream: string, id: string, taskKey: string | null, attempt: number | null][];
    inFlight: [taskKey: string, value: string][];
  };
}

export type Kind = keyof Kinds;

/**
 * One note: `p` names the life of the process that wrote it, `n` is its number there, `t` the machine's monotonic clock in
 * nanoseconds, `e` its kind.
 */
export type NoteOf<K extends Kind> = { [P in K]: { p: string; n: number; t: number; e: P } & Kinds[P] }[K];
export type Note = NoteOf<Kind>;

/** The invocation that each kind of outcome answers. */
interface Invocations {
  submitted: "submit";
  recorded: "record";
  cancelled: "cancel";
  published: "publish";
  routed: "route";
  claimed: "claim";
  begun: "begin";
  completed: "complete";
  aside: "set-aside";
  judged: "judge";
  removed: "remove";
}
export type Outcome = keyof Invocations;
export type InvocationOf<K extends Outcome> = NoteOf<Invocations[K]>;

export const workflowOf = (taskKey: string): string => taskKey.slice(0, taskKey.lastIndexOf(":"));
export const positionOf = (taskKey: string): number => Number(taskKey.slice(taskKey.lastIndexOf(":") + 1));
