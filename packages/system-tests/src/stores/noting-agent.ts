/** An agent that notes each run of its handler in a file, then takes as long as it is told, the first attempt perhaps longer. */
import { appendFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { Handler, runAgent, type Task, type TaskContext, type TaskHandler } from "@agent-hive/agent-sdk";
import { NOTES_VARIABLE, TYPE_VARIABLE, type NotedRun } from "./noted-runs.js";

const file = process.env[NOTES_VARIABLE]!;

@Handler("note")
class Note implements TaskHandler {
  async execute(task: Task, context: TaskContext): Promise<unknown> {
    const { ms = 0, firstMs = ms } = (task.input ?? {}) as { ms?: number; firstMs?: number };
    const { workflowId, taskId, attempt } = task;
    const run: NotedRun = { workflowId, taskId, attempt, pid: process.pid };
    appendFileSync(file, `${JSON.stringify(run)}\n`); // before anything else: the next moment may be this process's last
    const takesMs = attempt === 1 ? firstMs : ms;
    if (takesMs > 0) await delay(takesMs, undefined, { signal: context.signal });
    return { attempt };
  }
}

await runAgent({ agentType: process.env[TYPE_VARIABLE]!, handlers: [Note] });
