import { TerminalError } from "@agent-hive/domain";
import { z } from "zod";
import type { Task } from "./task.js";

/**
 * Reads a task's input by a schema.
 *
 * @throws TerminalError `INPUT_NOT_VALID` listing every problem: another attempt would get the same input.
 */
export function parseInput<T>(schema: z.ZodType<T>, task: Task): T {
  const result = schema.safeParse(task.input);
  if (result.success) return result.data;
  throw new TerminalError(
    "INPUT_NOT_VALID",
    `The input of task "${task.taskId}" is not what handler "${task.handler}" takes:\n${z.prettifyError(result.error)}`,
    { details: { issues: result.error.issues.map(({ path, message }) => ({ path: path.join("."), message })) } },
  );
}
