import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** The compiled fixture service. */
export const SERVICE = join(import.meta.dirname, "service.js");

/** A folder that is removed when the test file has run. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "launcher-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Waits until something holds; throws with its name after 10 s. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited 10 s until ${what}.`);
    await delay(10);
  }
}

/** Whether a process runs: a zombie, which only waits for somebody to ask how it ended, does not. */
export async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  return stat !== undefined && !stat.split(") ").at(-1)!.startsWith("Z");
}
