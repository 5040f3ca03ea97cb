import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { TransientError } from "@agent-hive/domain";
import { Handler } from "../handler.decorator.js";
import { parseInput } from "../parse-input.js";
import type { Task, TaskContext, TaskHandler } from "../task.js";

const inputSchema = z.strictObject({
  /** Before the effect, and again between it and the result. */
  ms: z.int().min(0).max(60_000).default(0),
  /** Earlier attempts fail instead, to be tried again. */
  untilAttempt: z.int().positive().default(1),
});

/** Where effects are told: the path of a unix socket that answers `POST /effects`. Unset, nobody is told. */
const sink = process.env["HIVE_EFFECTS_SOCKET"];

/**
 * Does something to the world outside, once each time it runs, and returns a nonce that the world knows too: so a recorded
 * output names the one effect that it came from.
 */
@Handler("effect")
export class Effect implements TaskHandler {
  async execute(task: Task, context: TaskContext): Promise<{ nonce: string }> {
    const { ms, untilAttempt } = parseInput(inputSchema, task);
    await delay(ms, undefined, { signal: context.signal });
    if (task.attempt < untilAttempt) throw new TransientError("EFFECT_PUT_OFF", "The effect handler was told to fail.");
    const nonce = randomUUID();
    await tell({ task: context.idempotencyKey, attempt: task.attempt, nonce });
    await delay(ms, undefined, { signal: context.signal });
    return { nonce };
  }
}

async function tell(effect: object): Promise<void> {
  if (sink === undefined || sink === "") return;
  const body = JSON.stringify(effect);
  await new Promise<void>((resolve, reject) => {
    const sending = request({ socketPath: sink, method: "POST", path: "/effects" }, (response) => {
      text(response).then(() => resolve(), reject);
    });
    sending.on("error", reject);
    sending.end(body);
  });
}
