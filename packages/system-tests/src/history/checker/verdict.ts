import type { Note } from "./notes.js";

export type Invariant = "I1" | "I2" | "I3" | "I4" | "I5" | "I6" | "I7" | "I8";

/** A thing that must never be, with the notes that show it. */
export interface Violation {
  invariant: Invariant;
  message: string;
  events: object[];
}

/** What a run must have gone through to say anything. */
export interface Thresholds {
  /** Faults at least. Default 1. */
  faults: number;
  /** Faults that hit a process which held work, or Redis while workflows were running. Default 1. */
  strikes: number;
}

export interface Verdict {
  /** `violated` if anything was; else `void` if the run proves nothing; else `valid`. */
  verdict: "valid" | "violated" | "void";
  /** The first hundred; `counts.violations` tells how many there are. */
  violations: Violation[];
  /** Why the run is void. */
  voids: string[];
  counts: Record<string, number>;
}

const MOST_VIOLATIONS = 100;
const LONGEST_LIST = 6;

/** Takes violations down. */
export class Findings {
  readonly violations: Violation[] = [];
  count = 0;

  /** @param subject a task key or an id: long lists in the notes are cut down to what is about it. */
  report(invariant: Invariant, message: string, subject: string, ...notes: (Note | undefined)[]): void {
    this.count++;
    if (this.violations.length >= MOST_VIOLATIONS) return;
    const events = notes.filter((note) => note !== undefined).map((note) => excerpt(note, subject));
    this.violations.push({ invariant, message, events });
  }
}

function excerpt(note: Note, subject: string): object {
  const entries = Object.entries(note).map(([name, value]): [string, unknown] => [
    name,
    Array.isArray(value) && value.length > LONGEST_LIST ? about(value, subject) : value,
  ]);
  return Object.fromEntries(entries);
}

const about = (list: readonly unknown[], subject: string): unknown[] =>
  list.filter((item) => JSON.stringify(item)?.includes(subject)).slice(0, LONGEST_LIST);
