/** Makes sure that a process number still means the agent that it is said to mean, before it is signalled. */
import { readFileSync } from "node:fs";

/** The variable by which an agent's process is told its id. */
const AGENT_ID_VARIABLE = "HIVE_AGENT_ID";

/**
 * When the process was started, in the kernel's ticks since boot: with the process number it names one process for ever.
 * Undefined where there is no /proc.
 */
export function startTimeOf(pid: number): string | undefined {
  // The command's name comes second, in brackets, and may itself hold brackets and spaces.
  return readProc(pid, "stat")?.split(") ").at(-1)?.split(" ")[19];
}

/** Whether the process was started as this agent. Undefined where there is no way to tell, i.e. no /proc. */
export function isProcessOf(agentId: string, pid: number): boolean | undefined {
  if (readProc(process.pid, "stat") === undefined) return undefined;
  const environment = readProc(pid, "environ")?.split("\0") ?? [];
  return environment.includes(`${AGENT_ID_VARIABLE}=${agentId}`);
}

function readProc(pid: number, file: "stat" | "environ"): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined;
  }
}
