import { restartDelayMs } from "./restart-backoff.js";

test("a process that keeps dying is started after 100 ms, then ever later, 5 s at most", () => {
  expect([0, 1, 2, 3, 4, 5, 6, 100].map(restartDelayMs)).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000]);
});
