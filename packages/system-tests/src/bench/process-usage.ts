/** What processes cost, from the kernel's books in /proc: so on Linux only. */
import { readFileSync } from "node:fs";

/** Names and process numbers. A process counts together with its children, so PostgreSQL is its postmaster. */
export type Processes = Record<string, number>;

/** The kernel counts CPU time in hundredths of a second, on every platform that Node runs on. */
const MICROSECONDS_PER_TICK = 10_000;

/** CPU time used so far, in microseconds, by process. One that is gone is left out. */
export function cpuMicroseconds(processes: Processes): Record<string, number> {
  const used = Object.entries(processes).map(([name, pid]) => [name, ticksOf(pid)] as const);
  return Object.fromEntries(
    used.flatMap(([name, ticks]) => (ticks === undefined ? [] : [[name, ticks * MICROSECONDS_PER_TICK]])),
  );
}

/** Own time, that of the children that have ended and been waited for, and that of those that live. */
function ticksOf(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const own = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0); // utime, stime, cutime, cstime
  const children = (read(`/proc/${pid}/task/${pid}/children`) ?? "").split(" ").filter(Boolean);
  return children.reduce((sum, child) => sum + (ticksOf(Number(child)) ?? 0), own);
}

/** Resident memory in megabytes. */
export interface Memory {
  now: number;
  peak: number;
}

/** By process, without children: memory that PostgreSQL's processes share would be counted many times. */
export function memoryOf(processes: Processes): Record<string, Memory> {
  const entries = Object.entries(processes).flatMap(([name, pid]) => {
    const status = read(`/proc/${pid}/status`);
    return status === undefined ? [] : [[name, { now: megabytes(status, "VmRSS"), peak: megabytes(status, "VmHWM") }]];
  });
  return Object.fromEntries(entries) as Record<string, Memory>;
}

function megabytes(status: string, field: string): number {
  return Math.round(Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1]) / 1024);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
