import { createReadStream, createWriteStream } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

const FIRST_LINE_BYTES = 4096;

/** A process's part of a history, read as far as the merge has come. */
interface Part {
  /** Names the life of the process: `<pid>-<random>`. */
  life: string;
  path: string;
  at: number;
  line: string;
  rest?: AsyncIterator<string>;
}

/**
 * Joins the parts that the processes wrote into one file in the order of time. Only parts of processes that lived at the
 * same time are open at once, so neither the length of a run nor the number of kills costs memory.
 */
export async function mergeParts(folder: string, file: string): Promise<void> {
  await pipeline(Readable.from(linesInOrder(folder)), createWriteStream(file));
}

async function* linesInOrder(folder: string): AsyncGenerator<string> {
  const waiting: Part[] = [];
  for (const name of await readdir(folder)) {
    const part = await beginningOf(join(folder, name), name);
    if (part) insert(waiting, part);
  }
  for (let part = waiting.pop(); part; part = waiting.pop()) {
    yield `{"p":"${part.life}",${part.line.slice(1)}\n`;
    if (await advance(part)) insert(waiting, part);
  }
}

async function beginningOf(path: string, name: string): Promise<Part | undefined> {
  const handle = await open(path);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(FIRST_LINE_BYTES), 0, FIRST_LINE_BYTES, 0);
    const [line = ""] = buffer.toString("utf8", 0, bytesRead).split("\n", 1);
    const at = timeOf(line);
    return at === undefined ? undefined : { life: name.replace(/\.ndjson$/, ""), path, at, line };
  } finally {
    await handle.close();
  }
}

/** Goes on to the next line; what a kill tore in the middle of being written is no line. */
async function advance(part: Part): Promise<boolean> {
  if (part.rest === undefined) {
    part.rest = createInterface({ input: createReadStream(part.path), crlfDelay: Infinity })[Symbol.asyncIterator]();
    await part.rest.next();
  }
  for (;;) {
    const { done, value } = (await part.rest.next()) as IteratorResult<string, undefined>;
    if (done) return false;
    const at = timeOf(value);
    if (at === undefined) continue;
    part.at = at;
    part.line = value;
    return true;
  }
}

function timeOf(line: string): number | undefined {
  const match = /^\{"t":(\d+),.*\}$/.exec(line);
  return match ? Number(match[1]) : undefined;
}

/** Keeps the parts sorted, the earliest last. */
function insert(parts: Part[], part: Part): void {
  let [low, high] = [0, parts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (parts[middle]!.at > part.at) low = middle + 1;
    else high = middle;
  }
  parts.splice(low, 0, part);
}
