import { silentLogger, type Logger } from "@agent-hive/telemetry";
import { Repeating } from "./repeating.js";
import { eventually } from "./testing/eventually.js";

function setup(run: () => Promise<void>, intervalMs = 1) {
  const lines: string[] = [];
  const logger: Logger = {
    ...silentLogger,
    warn: (sentence, fields) => void lines.push(`${sentence}: ${String(fields?.["err"])}`),
    info: (sentence) => void lines.push(sentence),
  };
  return { repeating: new Repeating({ name: "counting", intervalMs, run, logger }), lines };
}

test("failures are told when they begin, when they change and when they end, and never stop it", async () => {
  const outcomes = ["", "down", "down", "full", "", ""];
  let runs = 0;
  const { repeating, lines } = setup(async () => {
    const message = outcomes[runs++];
    if (message) throw new Error(message);
  });
  await expect(repeating.check()).rejects.toThrow("counting: It has not run yet.");
  repeating.start();
  await eventually("all runs", () => runs > outcomes.length);
  await repeating.stop();
  expect(lines).toEqual(["it works", "it is tried again: Error: down", "it is tried again: Error: full", "it works"]);
  await expect(repeating.check()).resolves.toBeUndefined();
});

test("waking begins the next run at once; stopping waits for the run under way; both may come at any time", async () => {
  let runs = 0;
  let running = 0;
  const { repeating } = setup(async () => {
    expect(running++).toBe(0);
    await new Promise((resolve) => setImmediate(resolve));
    runs++;
    running--;
  }, 60_000);
  await repeating.stop();
  repeating.start();
  repeating.start();
  await eventually("the first run", () => runs === 1);
  repeating.wake();
  await eventually("the second run", () => runs === 2);
  repeating.wake();
  await repeating.stop();
  await repeating.stop();
  expect(running).toBe(0);
});
