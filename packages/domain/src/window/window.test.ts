import { freeOf, windowOf } from "./window.js";

test.each([
  [{ slots: 0, completedPerSecond: 0 }, 16],
  [{ slots: 8, completedPerSecond: 0 }, 16],
  [{ slots: 8, completedPerSecond: 1 }, 17],
  [{ slots: 50, completedPerSecond: 2_000 }, 1_100],
  [{ slots: 1, completedPerSecond: 0, minimum: 1 }, 2],
  [{ slots: 0, completedPerSecond: 0, minimum: 0 }, 0],
])("the window of %p is %p", (group, expected) => {
  expect(windowOf(group)).toBe(expected);
});

test.each([
  [16, 0, 16],
  [16, 15, 1],
  [16, 16, 0],
  [16, 40, 0],
])("a window of %p with %p in flight has room for %p", (window, inFlight, expected) => {
  expect(freeOf(window, inFlight)).toBe(expected);
});
