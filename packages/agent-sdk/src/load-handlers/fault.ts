import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { TerminalError } from "@agent-hive/domain";
import { Handler } from "../handler.decorator.js";
import { parseInput } from "../parse-input.js";
import type { Task, TaskHandler } from "../task.js";

const inputSchema = z.discriminatedUnion("mode", [
  /** Throws as a defect would; `untilAttempt` makes that attempt succeed. */
  z.strictObject({ mode: z.literal("throw"), untilAttempt: z.int().positive().optional() }),
  z.strictObject({ mode: z.literal("terminal") }),
  /** Ignores its signal. */
  z.strictObject({ mode: z.literal("never-return") }),
  /** Takes its process with it. */
  z.strictObject({
    mode: z.literal("exit"),
    code: z.int().min(0).max(255).default(1),
    afterMs: z.int().min(0).max(60_000).default(0),
  }),
  /** Blocks the event loop. */
  z.strictObject({ mode: z.literal("block"), ms: z.int().min(0).max(3_600_000).default(60_000) }),
]);

/** Goes wrong as it is told, so that everything around it can be seen to hold. */
@Handler("fault")
export class Fault implements TaskHandler {
  async execute(task: Task): Promise<{ attempt: number }> {
    const fault = parseInput(inputSchema, task);
    switch (fault.mode) {
      case "throw":
        if (task.attempt >= (fault.untilAttempt ?? Infinity)) return { attempt: task.attempt };
        throw new Error("The fault handler was told to throw.");
      case "terminal":
        throw new TerminalError("FAULT", "The fault handler was told to fail for good.");
      case "never-return":
        return new Promise(() => undefined);
      case "exit":
        if (fault.afterMs > 0) await delay(fault.afterMs);
        process.exit(fault.code);
      case "block":
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, fault.ms);
        return { attempt: task.attempt };
    }
  }
}
