import { createHash } from "node:crypto";
import { Attempt } from "../attempts/attempt.js";
import { AttemptContext } from "../attempts/attempt-context.js";
import { delivery } from "../test-fixtures/entries.js";
import { silentLogger } from "@agent-hive/telemetry";
import type { TaskHandler } from "../task.js";
import { Count } from "./count.js";
import { Echo } from "./echo.js";
import { Effect } from "./effect.js";
import { Fault } from "./fault.js";
import { Hash } from "./hash.js";
import { Noop } from "./noop.js";

/** Runs a handler once, outside any hive. */
async function execute(
  handler: TaskHandler,
  input: unknown,
  { attempt: attemptNumber = 1, isStopped = false, checkpoint = null as number | null, saved = [] as unknown[] } = {},
): Promise<unknown> {
  const held = delivery({ input, attempt: attemptNumber, handler: "load" });
  const attempt = new Attempt(held, false, { data: checkpoint, sequence: 0 }, held.envelope.traceparent);
  if (isStopped) attempt.stop(new Error("stopped"));
  const services = {
    logger: silentLogger,
    outputOf: async () => undefined,
    progress: () => undefined,
    saveCheckpoint: async (_: Attempt, json: string) => void saved.push(JSON.parse(json)),
    refused: () => undefined,
  };
  return handler.execute(attempt.task, new AttemptContext(attempt, services));
}

test("noop returns nothing, echo its input", async () => {
  expect(await execute(new Noop(), 1)).toBeUndefined();
  expect(await execute(new Echo(), { a: [1] })).toEqual({ a: [1] });
});

test.each([0, 1, 262_144, 262_145, 1_000_000])("hash is the SHA-256 of %d zero bytes", async (bytes) => {
  const sha256 = createHash("sha256").update(Buffer.alloc(bytes)).digest("hex");
  expect(await execute(new Hash(), { bytes })).toEqual({ sha256 });
});

test("hash stops at its signal", async () => {
  await expect(execute(new Hash(), { bytes: 2 ** 32 }, { isStopped: true })).rejects.toThrow("stopped");
});

test("count saves each step, and resumes where an earlier delivery got to", async () => {
  const saved: unknown[] = [];
  expect(await execute(new Count(), { to: 2 }, { saved })).toEqual({ from: 0, to: 2 });
  expect(await execute(new Count(), { to: 3 }, { saved, checkpoint: 2 })).toEqual({ from: 2, to: 3 });
  expect(saved).toEqual([1, 2, 3]);
});

test("effect returns a nonce that is another each time, and puts off what it is told to", async () => {
  const [first, second] = [await execute(new Effect(), {}), await execute(new Effect(), {})];
  expect(first).toEqual({ nonce: expect.any(String) });
  expect(second).not.toEqual(first);
  await expect(execute(new Effect(), { untilAttempt: 2 })).rejects.toMatchObject({ name: "TransientError" });
  expect(await execute(new Effect(), { untilAttempt: 2 }, { attempt: 2 })).toEqual({ nonce: expect.any(String) });
});

test("an input that a handler cannot take fails for good and names the field", async () => {
  await expect(execute(new Hash(), { bytes: -1 })).rejects.toMatchObject({
    name: "TerminalError",
    code: "INPUT_NOT_VALID",
    message: expect.stringContaining("bytes"),
  });
});

test("fault goes wrong as it is told", async () => {
  await expect(execute(new Fault(), { mode: "throw" })).rejects.toThrow("told to throw");
  await expect(execute(new Fault(), { mode: "terminal" })).rejects.toMatchObject({ name: "TerminalError" });
  await expect(execute(new Fault(), { mode: "throw", untilAttempt: 2 })).rejects.toThrow("told to throw");
  expect(await execute(new Fault(), { mode: "throw", untilAttempt: 2 }, { attempt: 2 })).toEqual({ attempt: 2 });
  expect(await execute(new Fault(), { mode: "block", ms: 1 })).toEqual({ attempt: 1 });
});
