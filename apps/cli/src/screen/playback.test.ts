import { moved, played, type Playback } from "./playback.js";
import { sparkline } from "./sparkline.js";

const START: Playback = { atMs: 0, endMs: 10_000, speed: 2, isPaused: false };

test("time goes on at its speed, up to the end, and stands while it is paused", () => {
  expect(played(START, 100).atMs).toBe(200);
  expect(played(START, 60_000).atMs).toBe(10_000);
  expect(played(moved(START, "pause"), 100).atMs).toBe(0);
  expect(moved(moved(START, "pause"), "pause")).toEqual(START);
});

test("keys move it within the recording, and change its speed within bounds", () => {
  expect(moved(START, "on").atMs).toBe(1_000);
  expect(moved(START, "back").atMs).toBe(0);
  expect(moved({ ...START, atMs: 9_900 }, "on").atMs).toBe(10_000);
  const often = (key: "faster" | "slower"): number =>
    Array.from({ length: 20 }).reduce<Playback>((playback) => moved(playback, key), START).speed;
  expect([often("faster"), often("slower")]).toEqual([64, 1 / 8]);
});

test("a sparkline shows the latest values, the highest full and nothing as a space", () => {
  expect(sparkline([9, 9, 0, 1, 4, 8], 4)).toBe(" ▁▄█");
  expect(sparkline([], 10)).toBe("");
  expect(sparkline([0, 0], 10)).toBe("  ");
});
