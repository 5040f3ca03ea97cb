import { createHash } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import { z } from "zod";
import { Handler } from "../handler.decorator.js";
import { parseInput } from "../parse-input.js";
import type { Task, TaskContext, TaskHandler } from "../task.js";

const inputSchema = z.strictObject({
  bytes: z
    .int()
    .min(0)
    .max(2 ** 32),
});
const BLOCK = Buffer.alloc(256 * 1024);

/** Works: SHA-256 over `bytes` zero bytes, letting others have a turn after every 256 KiB. */
@Handler("hash")
export class Hash implements TaskHandler {
  async execute(task: Task, context: TaskContext): Promise<{ sha256: string }> {
    const { bytes } = parseInput(inputSchema, task);
    const hash = createHash("sha256");
    for (let left = bytes; left > 0; left -= BLOCK.length) {
      hash.update(left < BLOCK.length ? BLOCK.subarray(0, left) : BLOCK);
      if (left <= BLOCK.length) break;
      await turn();
      context.signal.throwIfAborted();
    }
    return { sha256: hash.digest("hex") };
  }
}
