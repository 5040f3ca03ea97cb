import { readFile } from "node:fs/promises";

/** What a process takes at a moment. */
export interface ProcessUsage {
  rssBytes: number;
  /** Of its own threads, since it started. */
  cpuSeconds: number;
}

/** The kernel counts processor time in hundredths of a second, on every platform that Node runs on. */
const TICKS_PER_SECOND = 100;

/** @returns undefined if there is no such process, or no /proc at all. */
export async function usageOf(pid: number): Promise<ProcessUsage | undefined> {
  try {
    const [stat, status] = await Promise.all([
      readFile(`/proc/${pid}/stat`, "utf8"),
      readFile(`/proc/${pid}/status`, "utf8"),
    ]);
    return parseUsage(stat, status);
  } catch {
    return undefined;
  }
}

/** @returns undefined for a process that is over and only waits to be collected: it has no memory. */
export function parseUsage(stat: string, status: string): ProcessUsage | undefined {
  const rssKilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (rssKilobytes === undefined) return undefined;
  // The command's name comes second, in brackets, and may itself hold brackets and spaces.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
  return { rssBytes: 1024 * Number(rssKilobytes), cpuSeconds: (userTicks + systemTicks) / TICKS_PER_SECOND };
}
