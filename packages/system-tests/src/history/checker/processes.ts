import type { InvocationOf, Note, NoteOf, Outcome } from "./notes.js";

/** Unanswered calls remembered of one process; failed ones are among them, and the oldest go first. */
const MOST_OPEN_CALLS = 1_000;

/** Kinds that an outcome answers. */
const CALLS = new Set<string>(
  "submit record cancel publish route claim begin complete set-aside judge remove".split(" "),
);

/** One life of one process, as its notes show it. */
export interface Life {
  name: string;
  pid: number;
  next: number;
  ended: boolean;
  killed: boolean;
  calls: Map<number, Note>;
}

/** The processes of a run: whether their histories are whole, and which call an outcome answers. */
export class Processes {
  private readonly lives = new Map<string, Life>();
  private readonly whole = { gaps: 0, firstGap: "" };

  /** Takes a note in. @returns the invocation that it answers, if it is an outcome. */
  see(note: Note): Note | undefined {
    if (note.e === "process")
      this.lives.set(note.p, { ...note, next: 0, ended: false, killed: false, calls: new Map() });
    const life = this.lives.get(note.p);
    if (life === undefined || note.n !== life.next) this.gap(note, life);
    if (life === undefined) return undefined;
    life.next = note.n + 1;
    if (note.e === "ended") life.ended = true;
    if (note.e === "exited" && note.signal !== null) this.kill(note.pid);
    if (note.e === "fault" && note.kind === "kill" && note.pid !== undefined) this.kill(note.pid);
    if (CALLS.has(note.e)) {
      life.calls.set(note.n, note);
      if (life.calls.size > MOST_OPEN_CALLS) life.calls.delete(life.calls.keys().next().value!);
    }
    if (!("of" in note)) return undefined;
    const call = life.calls.get(note.of);
    life.calls.delete(note.of);
    return call;
  }

  /** The life of the process of this number that is not over, as far as is known. */
  running(pid: number): string | undefined {
    return [...this.lives].findLast(([, life]) => life.pid === pid && !life.ended)?.[0];
  }

  isOver(p: string): boolean {
    const life = this.lives.get(p);
    return life === undefined || life.ended || life.killed;
  }

  /** What makes the history incomplete, in words. */
  gaps(): string[] {
    const cut = [...this.lives.values()].filter(({ ended, killed }) => !ended && !killed).map(({ name }) => name);
    return [
      ...(this.whole.gaps > 0 ? [`${this.whole.gaps} notes are missing, the first before ${this.whole.firstGap}`] : []),
      ...(cut.length > 0 ? [`the notes of ${cut.join(", ")} end although nobody killed it: stop the hive first`] : []),
    ];
  }

  private gap(note: Note, life: Life | undefined): void {
    if (this.whole.gaps++ === 0) this.whole.firstGap = `note ${note.n} of ${life?.name ?? note.p}`;
  }

  /** Its calls are kept: a fault is noted before it strikes, and what the process does until then is told after it. */
  private kill(pid: number): void {
    const life = [...this.lives.values()].findLast((each) => each.pid === pid && !each.ended);
    if (life) life.killed = true;
  }
}

/** The invocation of an outcome, by type; undefined if it is not known (any more). */
export function invocation<K extends Outcome>(
  _outcome: NoteOf<K>,
  call: Note | undefined,
): InvocationOf<K> | undefined {
  return call as InvocationOf<K> | undefined;
}
