import { readFileSync } from "node:fs";

/** Names the file in which agents note what they run. */
export const NOTES_VARIABLE = "NOTED_RUNS_FILE";
/** Names the agent type of a noting agent. */
export const TYPE_VARIABLE = "NOTING_AGENT_TYPE";

/** One call of a handler. */
export interface NotedRun {
  workflowId: string;
  taskId: string;
  attempt: number;
  pid: number;
}

/** All runs noted so far. A process that was killed may have left half a line, which counts as none. */
export function notedRuns(file: string): NotedRun[] {
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as NotedRun];
    } catch {
      return [];
    }
  });
}
