/**
 * What runs in this process, in memory that main thread and heartbeat thread share: the one writes it as tasks start and
 * end, the other reads it when it beats. A message for each would wake the thread as often, and cost an agent of short
 * tasks a quarter of its processor time. What is written is there at once, so a handler that blocks the main loop from
 * its first step on is known all the same.
 *
 * A row is written before it is marked as taken, and a generation number tells a reader that it changed meanwhile.
 */
import type { RunningTask } from "./heartbeat-protocol.js";

/** Entry id, task key, attempt, timeout and start are 120 characters at most. */
const ROW_BYTES = 160;
/** Generation (odd while the row is taken), length of the text. */
const HEAD_BYTES = 8;
const HEAD_WORDS = HEAD_BYTES / 4;
const ROW_WORDS = ROW_BYTES / 4;

/** A task as a reader sees it. */
export interface SharedTask extends RunningTask {
  /** Milliseconds on the machine's monotonic clock, which both threads see alike. */
  sinceMs: number;
}

/** Memory for so many tasks at once. */
export function sharedTasksMemory(rows: number): SharedArrayBuffer {
  return new SharedArrayBuffer(rows * ROW_BYTES);
}

/** Milliseconds on the clock that all threads of the machine share; `performance.now()` starts anew in each. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}

/** The main thread's side. */
export class SharedTasksWriter {
  private readonly words: Int32Array;
  private readonly bytes: Buffer;
  private readonly rowsByEntry = new Map<string, number>();
  private readonly freeRows: number[];

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
    this.bytes = Buffer.from(memory);
    this.freeRows = Array.from({ length: memory.byteLength / ROW_BYTES }, (_, row) => row);
  }

  /** Entries that run now. */
  get size(): number {
    return this.rowsByEntry.size;
  }

  /** Nothing runs any more. */
  clear(): void {
    this.rowsByEntry.forEach((_, entryId) => this.remove(entryId));
  }

  add(tasks: readonly RunningTask[]): void {
    const sinceMs = monotonicMs().toFixed(1);
    for (const task of tasks) this.write(task, sinceMs);
  }

  /** Does nothing if it is not there. */
  remove(entryId: string): void {
    const row = this.rowsByEntry.get(entryId);
    if (row === undefined) return;
    this.rowsByEntry.delete(entryId);
    Atomics.add(this.words, row * ROW_WORDS, 1);
    this.freeRows.push(row);
  }

  private write({ entryId, taskKey, attempt, timeoutMs }: RunningTask, sinceMs: string): void {
    if (this.rowsByEntry.has(entryId)) return;
    const text = `${entryId} ${taskKey} ${attempt} ${timeoutMs} ${sinceMs}`;
    const row = text.length <= ROW_BYTES - HEAD_BYTES ? this.freeRows.pop() : undefined;
    if (row === undefined) return; // more than was said would ever run: it is not told, and counts as waiting
    this.rowsByEntry.set(entryId, row);
    const word = row * ROW_WORDS;
    const length = this.bytes.write(text, row * ROW_BYTES + HEAD_BYTES, "latin1");
    Atomics.store(this.words, word + 1, length);
    Atomics.add(this.words, word, 1);
  }
}

/** The heartbeat thread's side: all tasks that run now. */
export function readSharedTasks(memory: SharedArrayBuffer): SharedTask[] {
  const words = new Int32Array(memory);
  const bytes = Buffer.from(memory);
  const tasks: SharedTask[] = [];
  for (let word = 0; word < words.length; word += ROW_WORDS) {
    const generation = Atomics.load(words, word);
    if (generation % 2 === 0) continue;
    const start = (word + HEAD_WORDS) * 4;
    const text = bytes.toString("latin1", start, start + Atomics.load(words, word + 1));
    if (Atomics.load(words, word) !== generation) continue; // it ended while it was read
    const [entryId, taskKey, attempt, timeoutMs, sinceMs] = text.split(" ");
    tasks.push({
      entryId: entryId!,
      taskKey: taskKey!,
      attempt: Number(attempt),
      timeoutMs: Number(timeoutMs),
      sinceMs: Number(sinceMs),
    });
  }
  return tasks;
}
