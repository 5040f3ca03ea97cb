/** This machine and the program that runs on it. */
import { execFile } from "node:child_process";
import { statfs } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { promisify } from "node:util";
import { judged, skipped, type Finding, type HivelessCheck } from "../check.js";

const MB = 1024 * 1024;
const GB = 1024 * MB;

const NODE_MAJOR = 24;
/** With one, processes that noticed a crash wait for those that have work. */
const CORES = 2;
/** What a hive of fifteen processes grows by under load. */
const FREE_MEMORY_BYTES = 512 * MB;
/** PostgreSQL's log of changes takes up to 2 GB as the embedded one is set; a demonstration stays far below. */
const FREE_DISK_BYTES = GB;
/** PostgreSQL and Redis need a descriptor for each connection, engines one for each onlooker. */
const OPEN_FILES = 1024;

export const environmentChecks: HivelessCheck[] = [
  {
    id: "node-version",
    title: "Version of Node",
    severity: "needed",
    wanted: `${NODE_MAJOR} or newer`,
    run: async () => judgeNode(process.versions.node),
  },
  {
    id: "cores",
    title: "Processors",
    severity: "advised",
    wanted: `at least ${CORES}`,
    run: async () => judgeCores(availableParallelism()),
  },
  {
    id: "free-memory",
    title: "Free memory beside what runs",
    severity: "needed",
    wanted: `at least ${FREE_MEMORY_BYTES / MB} MB`,
    run: async () => judgeFreeMemory(process.availableMemory()),
  },
  {
    id: "free-disk",
    title: "Free disk space for the files of a hive",
    severity: "needed",
    wanted: `at least ${FREE_DISK_BYTES / GB} GB`,
    run: async () => {
      const { bavail, bsize } = await statfs(tmpdir());
      return judgeFreeDisk(bavail * bsize, tmpdir());
    },
  },
  {
    id: "open-files",
    title: "Files that a process may have open",
    severity: "advised",
    wanted: `at least ${OPEN_FILES}`,
    run: async () => {
      const limit = await openFileLimit();
      return limit === undefined ? skipped("There is no shell here that tells the limit.") : judgeOpenFiles(limit);
    },
  },
];

export function judgeNode(version: string): Finding {
  return judged(
    Number(version.split(".")[0]) >= NODE_MAJOR,
    `Node ${version}`,
    `Install Node ${NODE_MAJOR}, or run the command by npm, which brings it along: npm run hive -- validate`,
  );
}

export function judgeCores(cores: number): Finding {
  return judged(
    cores >= CORES,
    `${cores}`,
    `Give the machine or the container ${CORES} processors; recovery takes longer with less.`,
    [{ name: "processors", value: cores, unit: "1" }],
  );
}

export function judgeFreeMemory(bytes: number): Finding {
  return judged(
    bytes >= FREE_MEMORY_BYTES,
    `${Math.floor(bytes / MB)} MB`,
    `End other programs, or give the machine or the container more memory: ${FREE_MEMORY_BYTES / MB} MB must be free.`,
    [{ name: "free memory", value: Math.floor(bytes / MB), unit: "MB" }],
  );
}

export function judgeFreeDisk(bytes: number, folder: string): Finding {
  return judged(
    bytes >= FREE_DISK_BYTES,
    `${(bytes / GB).toFixed(1)} GB in ${folder}`,
    `Make room in ${folder}, or name a folder on another disk in TMPDIR: ${FREE_DISK_BYTES / GB} GB must be free.`,
    [{ name: "free disk space", value: Math.floor(bytes / MB), unit: "MB" }],
  );
}

/** @param limit Infinity if there is none. */
export function judgeOpenFiles(limit: number): Finding {
  const isLimited = Number.isFinite(limit);
  return judged(
    limit >= OPEN_FILES,
    isLimited ? `${limit}` : "as many as it likes",
    `Raise the limit in the shell that starts the hive: ulimit -n ${OPEN_FILES}`,
    isLimited ? [{ name: "open files", value: limit, unit: "1" }] : [],
  );
}

/** As processes that this one starts are given it; undefined where there is no shell to ask. */
async function openFileLimit(): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)("/bin/sh", ["-c", "ulimit -n"]);
    return stdout.trim() === "unlimited" ? Infinity : Number(stdout);
  } catch {
    return undefined;
  }
}
