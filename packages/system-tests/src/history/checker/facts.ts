/** What is known of single things: tasks, workflows, entries, incarnations. See world.ts. */
import type { Note, NoteOf } from "./notes.js";

export interface TaskFacts {
  /** Positions that it waits for. */
  dependencies: number[];
  /** A result that says it succeeded was given to PostgreSQL: it may be recorded. */
  maySucceed: boolean;
  /** The greatest attempt that is known to be granted, and since when. */
  granted?: { attempt: number; note: Note };
  /** Attempts whose result was learned to be applied. */
  applied: Map<number, { note: Note; status: string }>;
  /** Attempts whose result Redis took. */
  completed: Map<number, Note>;
  /** Attempts whose field in the index was learned to be gone. */
  settled: Map<number, Note>;
  effects: { nonce: string; attempt: number }[];
  /** Who began it last. */
  holder?: { p: string; by: string };
  lastStarted: number;
  /** When that attempt was started first. */
  firstStart?: Note;
  trail: Note[];
}

export interface WorkflowFacts {
  id: string;
  tasks: TaskFacts[];
  submit: Note;
  accepted: boolean;
  finished?: { note: NoteOf<"advanced">; state: string };
  cancelled?: Note;
  /** Processes that heard of its cancellation. */
  heard: Map<string, NoteOf<"cancel-heard">>;
}

/** One handing of an entry to a consumer. */
export interface EntryFacts {
  taskKey: string | null;
  attempt: number | null;
  owner: string;
  p: string;
  note: Note;
  /** Its owner has asked for its end: it may be gone. */
  mayBeGone: boolean;
}

/** What is known of an incarnation. */
export interface IncarnationFacts {
  p?: string;
  /** Somebody asked for its end. */
  judged?: Note;
  /** Its end was answered for. */
  dead?: Note;
}

/** A workflow that was just asked for. */
export function workflowFacts(id: string, successors: number[][], submit: Note): WorkflowFacts {
  const dependencies: number[][] = successors.map(() => []);
  successors.forEach((positions, position) =>
    positions.forEach((successor) => dependencies[successor]!.push(position)),
  );
  const tasks = dependencies.map((positions): TaskFacts => ({
    dependencies: positions,
    maySucceed: false,
    applied: new Map(),
    completed: new Map(),
    settled: new Map(),
    effects: [],
    lastStarted: 0,
    trail: [],
  }));
  return { id, tasks, submit, accepted: false, heard: new Map() };
}
