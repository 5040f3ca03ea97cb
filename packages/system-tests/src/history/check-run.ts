import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import pg from "pg";
import { check } from "./checker/checker.js";
import type { Note } from "./checker/notes.js";
import { PostgresRecords } from "./checker/records.js";
import type { Thresholds, Verdict } from "./checker/verdict.js";

export interface CheckRunOptions {
  /** The history, as `Recording.stop` wrote it. */
  file: string;
  /** The hive's database, at rest. */
  databaseUrl: string;
  /** Below them a run is void. Default: one fault, one strike. */
  thresholds?: Partial<Thresholds>;
}

/** Judges a recorded run. */
export async function checkRun({ file, databaseUrl, thresholds = {} }: CheckRunOptions): Promise<Verdict> {
  const connection = new pg.Client({ connectionString: databaseUrl });
  await connection.connect();
  try {
    return await check(notesIn(file), new PostgresRecords(connection), thresholds);
  } finally {
    await connection.end();
  }
}

async function* notesIn(file: string): AsyncGenerator<Note> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    yield JSON.parse(line) as Note;
  }
}
