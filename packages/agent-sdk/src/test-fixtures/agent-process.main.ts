// An agent of its own process, for tests that kill, freeze and stop it.
import "reflect-metadata";
import { setTimeout as delay } from "node:timers/promises";
import { Handler } from "../handler.decorator.js";
import { runAgent } from "../run-agent.js";
import type { Task, TaskContext, TaskHandler } from "../task.js";

/** Saves a checkpoint, then takes `ms`, heeding its signal; nothing if it resumes from one. Tells from whose. */
@Handler("wait")
class Wait implements TaskHandler {
  async execute(task: Task, context: TaskContext): Promise<unknown> {
    const { ms } = task.input as { ms: number };
    await context.checkpoint({ by: process.pid });
    if (task.checkpoint === undefined) await delay(ms, undefined, { signal: context.signal });
    return { pid: process.pid, resumedFrom: task.checkpoint ?? null };
  }
}

/** Leaves an error behind that nobody catches. */
@Handler("careless")
class Careless implements TaskHandler {
  async execute(): Promise<void> {
    void Promise.reject(new Error("nobody catches this"));
    await delay(60_000);
  }
}

await runAgent({ agentType: "backend", handlers: [Wait, Careless] });
