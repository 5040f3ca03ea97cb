import { jest } from "@jest/globals";
import { silentLogger } from "@agent-hive/telemetry";
import { Recurring } from "./recurring.js";

function setup(runOnce: () => Promise<unknown>) {
  const warnings: string[] = [];
  const infos: string[] = [];
  const logger = {
    ...silentLogger,
    warn: (text: string) => void warnings.push(text),
    info: (text: string) => void infos.push(text),
  };
  const recurring = new Recurring({ name: "test", intervalMs: 100, jitter: 0, runOnce, logger });
  return { recurring, warnings, infos };
}

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test("it runs at its interval until it is stopped", async () => {
  let runs = 0;
  const { recurring } = setup(async () => void runs++);
  recurring.start();
  await jest.advanceTimersByTimeAsync(350);
  expect(runs).toBe(3);
  await recurring.stop();
  await jest.advanceTimersByTimeAsync(1000);
  expect(runs).toBe(3);
});

test("one run at a time: calls meanwhile share the one that follows", async () => {
  let running = 0;
  let most = 0;
  let runs = 0;
  const { recurring } = setup(async () => {
    most = Math.max(most, ++running);
    runs++;
    await new Promise((resolve) => setTimeout(resolve, 50));
    running--;
  });
  recurring.start();
  const all = Promise.all(Array.from({ length: 10 }, () => recurring.runNow()));
  await jest.advanceTimersByTimeAsync(99);
  await jest.advanceTimersByTimeAsync(1);
  await all;
  expect([most, runs]).toEqual([1, 2]);
  await recurring.stop();
});

test("failures are told when they begin, when they change and when they end; the runs go on", async () => {
  let failure: string | undefined = "away";
  const { recurring, warnings, infos } = setup(async () => {
    if (failure) throw new Error(failure);
  });
  await expect(recurring.check()).rejects.toThrow("test: it has not run yet.");
  recurring.start();
  await jest.advanceTimersByTimeAsync(500);
  expect(warnings).toHaveLength(1);
  failure = "full";
  await jest.advanceTimersByTimeAsync(500);
  expect(warnings).toHaveLength(2);
  await expect(recurring.check()).rejects.toThrow("test: full");
  failure = undefined;
  await jest.advanceTimersByTimeAsync(500);
  expect([warnings.length, infos.length]).toEqual([2, 1]);
  await expect(recurring.check()).resolves.toBeUndefined();
  await recurring.stop();
});

test("stopping waits for the run at work, and may come before the start or twice", async () => {
  let ended = false;
  const { recurring } = setup(async () => {
    await new Promise((resolve) => setTimeout(resolve, 50));
    ended = true;
  });
  await recurring.stop();
  recurring.start();
  void recurring.runNow();
  const stopped = Promise.all([recurring.stop(), recurring.stop()]);
  await jest.advanceTimersByTimeAsync(50);
  await stopped;
  expect(ended).toBe(true);
});
