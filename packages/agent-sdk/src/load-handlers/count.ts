import { z } from "zod";
import { Handler } from "../handler.decorator.js";
import { parseInput } from "../parse-input.js";
import type { Task, TaskContext, TaskHandler } from "../task.js";

const inputSchema = z.strictObject({ to: z.int().min(0).max(10_000) });

/** Counts, saving a checkpoint after each step, and tells from where: not from 0 if an earlier delivery got further. */
@Handler("count")
export class Count implements TaskHandler {
  async execute(task: Task, context: TaskContext): Promise<{ from: number; to: number }> {
    const { to } = parseInput(inputSchema, task);
    const from = Number(task.checkpoint ?? 0);
    for (let step = from + 1; step <= to; step++) await context.checkpoint(step);
    return { from, to };
  }
}
