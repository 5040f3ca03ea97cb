import { jest } from "@jest/globals";
import { Deadlines } from "./deadlines.js";

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function setup() {
  const expired: string[] = [];
  const deadlines = new Deadlines();
  const item = (name: string, inMs: number) => ({
    deadlineAt: performance.now() + inMs,
    expire: () => void expired.push(name),
  });
  return { deadlines, expired, item };
}

test("items expire in the order of their deadlines, whatever order they came in", () => {
  const { deadlines, expired, item } = setup();
  for (const [name, inMs] of [
    ["late", 300],
    ["early", 100],
    ["middle", 200],
  ] as const)
    deadlines.watch(item(name, inMs));
  jest.advanceTimersByTime(150);
  expect(expired).toEqual(["early"]);
  jest.advanceTimersByTime(200);
  expect(expired).toEqual(["early", "middle", "late"]);
});

test("what was removed does not expire, and what remains does on time", () => {
  const { deadlines, expired, item } = setup();
  const removed = item("removed", 100);
  deadlines.watch(removed);
  deadlines.watch(item("kept", 200));
  deadlines.unwatch(removed);
  jest.advanceTimersByTime(199);
  expect(expired).toEqual([]);
  jest.advanceTimersByTime(2);
  expect(expired).toEqual(["kept"]);
});

test("a deadline further away than a timer reaches does not fire at once", () => {
  const { deadlines, expired, item } = setup();
  deadlines.watch(item("in 40 days", 40 * 86_400_000));
  jest.advanceTimersByTime(30 * 86_400_000);
  expect(expired).toEqual([]);
  jest.advanceTimersByTime(11 * 86_400_000);
  expect(expired).toEqual(["in 40 days"]);
});

test("one item that adds another while expiring does not lose it", () => {
  const { deadlines, expired, item } = setup();
  deadlines.watch({ deadlineAt: performance.now() + 10, expire: () => deadlines.watch(item("second", 10)) });
  jest.advanceTimersByTime(10);
  jest.advanceTimersByTime(10);
  expect(expired).toEqual(["second"]);
});

test("nothing expires after close", () => {
  const { deadlines, expired, item } = setup();
  deadlines.watch(item("any", 10));
  deadlines.close();
  jest.advanceTimersByTime(100);
  expect(expired).toEqual([]);
});
