import { readFileSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { CrashPoint } from "./crash-points.js";

/** Names the folder in which crash points are armed. Not set, which is everywhere but in tests, they do nothing. */
export const CRASH_POINTS_VARIABLE = "HIVE_CRASH_POINTS";

const folder = process.env[CRASH_POINTS_VARIABLE];

/**
 * A place at which a test may kill the process, exactly there. It is armed by a file of its name in the folder that
 * `HIVE_CRASH_POINTS` names; whoever removes the file dies of it, so one file is one crash, of one process. The file may
 * name another signal than SIGKILL: by SIGSTOP the process is frozen between two steps.
 */
export const crashPoint: (name: CrashPoint) => void =
  folder === undefined || folder === "" ? () => undefined : (name) => crashIfArmed(join(folder, name));

function crashIfArmed(file: string): void {
  let signal: string;
  try {
    signal = readFileSync(file, "utf8");
    unlinkSync(file);
  } catch {
    return; // not armed, or another process was first
  }
  process.kill(process.pid, signal === "" ? "SIGKILL" : signal);
}
