import type { CheckResult } from "../validation-results.js";
import { summarise } from "../summarise.js";
import { closingLines, headlineOf, stateOf } from "./words.js";

const common = {
  id: "c",
  title: "Redis evicts nothing",
  severity: "needed",
  wanted: "noeviction",
  durationMs: 1,
} as const;
const HELD: CheckResult = { ...common, state: "held", found: "noeviction", figures: [] };
const FAILED: CheckResult = { ...common, state: "failed", found: "allkeys-lru", remedy: "Set it.", figures: [] };
const SKIPPED: CheckResult = { ...common, state: "skipped", reason: "No Redis." };

function linesOf(checks: CheckResult[], interrupted = false): string[] {
  const lines = closingLines(summarise({ checks, quick: true, interrupted, startedAt: new Date(), durationMs: 1 }));
  return lines.map((line) => line.replace(/\u001b\[\d+m/g, ""));
}

test("what failed is told with the way out, what is needed more loudly than what is advised", () => {
  expect(linesOf([HELD, FAILED, { ...FAILED, severity: "advised" }])).toEqual([
    "FAILED: Redis evicts nothing: allkeys-lru",
    "  Set it.",
    "advised: Redis evicts nothing: allkeys-lru",
    "  Set it.",
    "",
    "Not all needed checks hold: 1 held, 1 failed, 1 could be better.",
  ]);
});

test("where all holds nothing else is told, and what was skipped is counted", () => {
  expect(linesOf([HELD, SKIPPED])).toEqual(["All needed checks hold: 1 held, 1 skipped."]);
  expect(linesOf([HELD, SKIPPED], true)).toEqual(["Interrupted: 1 held, 1 skipped."]);
});

test("a message of several lines becomes one, and a long one keeps its head and its end", () => {
  expect(headlineOf({ ...FAILED, found: `${"h".repeat(60)}lost${"e".repeat(240)}` })).toBe(
    `${"h".repeat(60)} … ${"e".repeat(240)}`,
  );
  expect(headlineOf({ ...FAILED, found: "It died.\nIts last output:\n  none" })).toBe("It died. Its last output: none");
  expect(headlineOf(SKIPPED)).toBe("No Redis.");
  expect(stateOf(FAILED)).toBe("FAILED");
});
