import { open, type FileHandle } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { LineCounter, parseDocument } from "yaml";
import { API_LIMITS } from "@agent-hive/contracts";

/** A definition as it is sent. */
export interface WrittenDefinition {
  text: Buffer;
  format: "json" | "ndjson";
}

/** A YAML file may hold so many aliases: one that is made of them could grow without bounds. */
const MOST_ALIASES = 100;

/**
 * Reads a file with workflows: JSON as it is, YAML turned into JSON, lines (`.ndjson`, `.jsonl`) as they are; each may be
 * gzipped (`.gz`). What is sent as it is, the service checks, and names the line.
 *
 * @param file `-` reads standard input.
 * @throws Error that says what is wrong with the file, and where.
 */
export async function readDefinition(file: string): Promise<WrittenDefinition> {
  const name = file === "-" ? "Standard input" : `"${file}"`;
  const read = file === "-" ? await buffer(process.stdin) : await readWhole(file);
  const text = file.endsWith(".gz") ? await unpacked(read, name) : read;
  if (text.length > API_LIMITS.bodyBytes) throw tooLarge(name, text.length);
  if (text.toString("utf8", 0, 4096).trim() === "" && text.toString().trim() === "")
    throw new Error(`${name} is empty. Write a workflow into it, in JSON or YAML.`);
  const extension = /\.(\w+)(\.gz)?$/.exec(file)?.[1]?.toLowerCase();
  if (extension === "ndjson" || extension === "jsonl") return { text, format: "ndjson" };
  if (extension === "json" || isJson(text)) return { text, format: "json" };
  return { text: Buffer.from(JSON.stringify(fromYaml(text.toString(), name))), format: "json" };
}

async function readWhole(file: string): Promise<Buffer> {
  const handle = await open(file).catch((error: NodeJS.ErrnoException) => {
    throw new Error(REASONS[error.code ?? ""]?.(file) ?? `"${file}" cannot be read: ${error.message}.`, {
      cause: error,
    });
  });
  try {
    return await readRegular(handle, file);
  } finally {
    await handle.close();
  }
}

const REASONS: Readonly<Record<string, (file: string) => string>> = {
  ENOENT: (file) => `There is no file "${file}".`,
  EACCES: (file) => `You may not read "${file}". Change its permissions.`,
};

async function readRegular(handle: FileHandle, file: string): Promise<Buffer> {
  const about = await handle.stat();
  if (about.isDirectory()) throw new Error(`"${file}" is a directory. Name a file in it.`);
  if (about.size > API_LIMITS.bodyBytes) throw tooLarge(`"${file}"`, about.size);
  return handle.readFile();
}

async function unpacked(packed: Buffer, name: string): Promise<Buffer> {
  try {
    return await promisify(gunzip)(packed, { maxOutputLength: API_LIMITS.bodyBytes });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(name, API_LIMITS.bodyBytes + 1);
    throw new Error(`${name} is not gzip: ${message}.`, { cause: error });
  }
}

function tooLarge(name: string, bytes: number): Error {
  return new Error(
    `${name} has ${bytes} bytes or more; at most ${API_LIMITS.bodyBytes} are accepted, unpacked. Split it into several workflows.`,
  );
}

function isJson(text: Buffer): boolean {
  try {
    JSON.parse(text.toString());
    return true;
  } catch {
    return false;
  }
}

function fromYaml(text: string, name: string): unknown {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const problems = [...document.errors, ...document.warnings].map(({ message }) => message.split("\n", 1)[0]);
  if (problems.length > 0) throw new Error(`${name} is neither JSON nor YAML:\n  - ${problems.join("\n  - ")}`);
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    throw new Error(`${name} cannot be read: ${(error as Error).message}.`, { cause: error });
  }
}
