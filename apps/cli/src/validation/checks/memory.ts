import { readFile } from "node:fs/promises";
import { loadTargets, type Target } from "@agent-hive/measurement";
import { judged, skipped, type Bench, type Check, type Finding } from "../check.js";

const ENGINE = "workflow-engine";
const KILOBYTES_PER_MB = 1024;

/** The resident memory of a process. */
export interface ProcessMemory {
  name: string;
  service: string;
  mb: number;
}

/** What must not be exceeded, in MB. */
export interface MemoryLimits {
  engineMb: number;
  otherMb: number;
}

export const memoryCheck: Check = {
  id: "memory",
  title: "Resident memory of each service, after the burst",
  severity: "advised",
  wanted: `an engine ${limits().engineMb} MB at most, any other ${limits().otherMb} MB`,
  run: async (bench) => {
    const processes = await memoryOf(bench);
    return processes.length === 0 ? skipped("Only Linux tells it, in /proc.") : judgeMemory(processes, limits());
  },
};

/** @param processes at least one. */
export function judgeMemory(processes: ProcessMemory[], { engineMb, otherMb }: MemoryLimits): Finding {
  const limitOf = ({ service }: ProcessMemory): number => (service === ENGINE ? engineMb : otherMb);
  const beyond = processes.filter((process) => process.mb > limitOf(process));
  const largest = processes.toSorted((a, b) => b.mb - a.mb).slice(0, 3);
  return judged(
    beyond.length === 0,
    beyond.length === 0
      ? `the largest: ${largest.map(({ name, mb }) => `${name} ${mb} MB`).join(", ")}`
      : beyond.map((process) => `${process.name} has ${process.mb} MB, ${limitOf(process)} at most`).join("; "),
    "A large HIVE_SLOTS, large outputs and handlers of your own take it. If it grows from run to run, take a heap snapshot: node --heapsnapshot-signal.",
    processes.map(({ name, mb }) => ({ name: `resident memory of ${name}`, value: mb, unit: "MB" })),
  );
}

async function memoryOf({ hive }: Bench): Promise<ProcessMemory[]> {
  const processes = hive.supervisor.list().flatMap(({ name, service, pid }) => (pid ? [{ name, service, pid }] : []));
  const found = await Promise.all(
    processes.map(async ({ name, service, pid }) => {
      const mb = await residentMb(pid);
      return mb === undefined ? [] : [{ name, service, mb }];
    }),
  );
  return found.flat();
}

/** As the kernel tells it; undefined where it does not, or the process has just gone. */
async function residentMb(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Math.round(Number(kilobytes) / KILOBYTES_PER_MB);
}

function limits(): MemoryLimits {
  const floorOf = (targetId: Target["id"]): number =>
    loadTargets().find(({ id }) => id === targetId)?.floor ?? Infinity;
  return { engineMb: floorOf("engine-memory"), otherMb: floorOf("service-memory") };
}
