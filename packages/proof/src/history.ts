import { randomBytes } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isMainThread } from "node:worker_threads";

/** Names the folder in which every process writes its part of a history. Not set, which is everywhere but in tests, nothing is noted. */
export const HISTORY_VARIABLE = "HIVE_HISTORY";

/**
 * What one process did and learned, note by note, for a checker that trusts none of it alone: the invocation is noted
 * before an effect and the outcome after it, so that what a killed process left unanswered is known to be open.
 *
 * Each process appends to a file of its own, one `write` a note: what was noted is in the kernel's hands when the call
 * returns, so a SIGKILL right after it loses nothing. (Measured against a socket to a recorder: 3 to 5 µs a note rather
 * than 9 to 14, no connection to wait for, and no queue in a process that may be killed.)
 */
export class History {
  private next = 0;

  private constructor(private readonly file: number) {}

  /**
   * Begins the part of this process: an NDJSON file in the folder, whose first note says who writes.
   *
   * @param name of the process, for people.
   */
  static open(folder: string, name: string): History {
    const file = `${process.pid}-${randomBytes(4).toString("hex")}.ndjson`;
    const history = new History(openSync(join(folder, file), "ax"));
    history.note("process", { name, pid: process.pid });
    return history;
  }

  /**
   * Appends a note, with the machine's monotonic clock in nanoseconds.
   *
   * @param event its kind; docs/history.md lists them and their fields.
   * @returns its number in this process, by which an outcome names its invocation (`of`).
   */
  note(event: string, fields: object = {}): number {
    const number = this.next++;
    writeSync(this.file, `${JSON.stringify({ t: Number(process.hrtime.bigint()), n: number, e: event, ...fields })}\n`);
    return number;
  }

  /** Says that the process ends by itself: without this last note it was killed. */
  close(): void {
    this.note("ended");
    closeSync(this.file);
  }
}

const folder = process.env[HISTORY_VARIABLE];
const isKept = folder !== undefined && folder !== "" && isMainThread;

/** This process's history, or undefined where none is kept: `history?.note(…)` then costs reading one variable. */
export const history: History | undefined = isKept ? History.open(folder, nameOfProcess()) : undefined;
if (history) process.once("exit", () => history.close());

function nameOfProcess(): string {
  const program = process.argv[1] ?? "node";
  return (
    process.env["HIVE_AGENT_ID"] ??
    (basename(program) === "main.js" ? basename(dirname(dirname(program))) : basename(program))
  );
}
