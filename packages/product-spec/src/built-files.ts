import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { ProductSpec } from "./product-spec.js";

/** Files of a built application: contents by path, relative to its folder, with forward slashes. */
export type BuiltFiles = Record<string, string>;

const taskOutputSchema = z.looseObject({ files: z.record(z.string(), z.string()), summary: z.string() });

/** What a task of the building workflow puts out: its files, a sentence about them, and what its successors need beside them. */
export interface TaskOutput {
  files: BuiltFiles;
  summary: string;
  [key: string]: unknown;
}

/** The work of one building task: from the specification and the outputs of the tasks before it, always the same output. */
export type TaskBuilder = (spec: ProductSpec, outputs: Record<string, TaskOutput>) => TaskOutput;

/** Reads the recorded output of a task. Throws an Error naming the task if it is none. */
export function parseTaskOutput(taskId: string, value: unknown): TaskOutput {
  const parsed = taskOutputSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(`The output of task "${taskId}" holds no built files:\n${z.prettifyError(parsed.error)}`);
}

/** The content of one file of a task's output. Throws an Error naming task, file and what there is. */
export function builtFile(outputs: Record<string, TaskOutput>, taskId: string, path: string): string {
  const files = outputs[taskId]?.files ?? {};
  const content = Object.hasOwn(files, path) ? files[path] : undefined;
  if (content !== undefined) return content;
  throw new Error(`Task "${taskId}" built no file "${path}". It built: ${Object.keys(files).join(", ") || "nothing"}.`);
}

/**
 * Puts the outputs of several tasks together into one application, its files sorted by path.
 *
 * @throws Error if two tasks wrote the same path (in any case of letters), or a path leaves the folder.
 */
export function assembleApplication(outputs: Record<string, TaskOutput>): BuiltFiles {
  const owners = new Map<string, string>();
  const files: [path: string, content: string][] = [];
  for (const [taskId, output] of Object.entries(outputs)) {
    for (const [path, content] of Object.entries(output.files)) {
      checkPath(path, taskId);
      const folded = path.toLowerCase();
      const owner = owners.get(folded);
      if (owner !== undefined) throw new Error(`Tasks "${owner}" and "${taskId}" both wrote "${path}".`);
      owners.set(folded, taskId);
      files.push([path, content]);
    }
  }
  return Object.fromEntries(files.sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Writes an application into a folder, which is made if it is not there. Existing files of the same name are replaced. */
export async function writeApplication(folder: string, files: BuiltFiles): Promise<void> {
  for (const path of Object.keys(files)) checkPath(path);
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, ...path.split("/"));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

function checkPath(path: string, taskId?: string): void {
  if (path.split("/").every((segment) => SEGMENT.test(segment))) return;
  const writer = taskId === undefined ? "An application" : `Task "${taskId}"`;
  throw new Error(
    `${writer} may not write ${JSON.stringify(path)}: paths are relative, of letters, digits, ".", "_" and "-".`,
  );
}
