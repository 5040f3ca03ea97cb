/** The file by which other commands find a running hive. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ProcessInfo } from "../processes/process-supervisor.js";

/** What `hive.json` tells about a running hive. It holds passwords: only its owner may read it. */
export interface HiveState {
  version: 1;
  launcherPid: number;
  startedAt: string;
  engineUrls: readonly string[];
  /** None in a hive without a coordinator. */
  coordinatorUrls: readonly string[];
  databaseUrl: string;
  redisUrl: string;
  processes: ProcessInfo[];
}

const fileIn = (stateDir: string) => join(stateDir, "hive.json");

/** The hive that runs from this folder; undefined if there is none, or if its launcher has died. */
export function readHiveState(stateDir: string): HiveState | undefined {
  try {
    const state = JSON.parse(readFileSync(fileIn(stateDir), "utf8")) as HiveState;
    process.kill(state.launcherPid, 0);
    return state;
  } catch (error) {
    // No such file, no such process; or one of another user's, which exists.
    if ((error as NodeJS.ErrnoException).code === "EPERM")
      return JSON.parse(readFileSync(fileIn(stateDir), "utf8")) as HiveState;
    return undefined;
  }
}

/** Replaces the file in one step: a reader sees the old state or the new one. */
export function writeHiveState(stateDir: string, state: HiveState): void {
  const file = fileIn(stateDir);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

export function removeHiveState(stateDir: string): void {
  rmSync(fileIn(stateDir), { force: true });
}
