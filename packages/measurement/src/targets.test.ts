import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure } from "./measure.js";
import { loadTargets, validatePerformanceTargets, type Target } from "./targets.js";
import { soundRun } from "./test-fixtures/sound-run.js";

const FLOOR_AND_AIM = { floor: 100, aim: 10, better: "lower" } as const;

function target(more: Partial<Target> = {}): Target {
  const figure = "crashRecoveryP50Ms";
  return {
    id: "recovery",
    name: "recovery",
    unit: "ms",
    ...FLOOR_AND_AIM,
    figure,
    needsLoad: false,
    how: "so",
    ...more,
  };
}
const crashed = measure(soundRun({ seed: 1, workflows: 10, tasks: 5, crashes: 1 }), []);
const verdictOf = (more: Partial<Target>, underLoad?: boolean) =>
  validatePerformanceTargets(crashed, [target(more)], { underLoad })[0]!.verdict;

test("a figure reaches its aim, its floor, or neither; the marks themselves are reached", () => {
  const measured = crashed.recoveryMs.crash.p50!;
  expect(verdictOf({ aim: measured })).toBe("aim met");
  expect(verdictOf({ aim: measured - 1, floor: measured })).toBe("floor met");
  expect(verdictOf({ aim: measured - 2, floor: measured - 1 })).toBe("missed");
  expect(verdictOf({ better: "higher", floor: measured, aim: measured + 1 })).toBe("floor met");
  expect(verdictOf({ better: "higher", floor: measured + 1, aim: null })).toBe("missed");
});

test("what the run does not show is not measured: no freeze, or no load", () => {
  expect(verdictOf({ figure: "freezeRecoveryP99Ms" })).toBe("not measured");
  expect(verdictOf({ figure: "engineRssMb" })).toBe("not measured");
  expect(verdictOf({ needsLoad: true }, false)).toBe("not measured");
  expect(verdictOf({ needsLoad: true, aim: Infinity }, true)).toBe("aim met");
});

test("the product's own targets are valid, and a sound run under crashes meets what it shows", () => {
  const verdicts = validatePerformanceTargets(crashed, loadTargets(), { underLoad: false });
  expect(Object.fromEntries(verdicts.map(({ id, verdict }) => [id, verdict]))).toEqual({
    "messages-per-second": "not measured",
    "crash-recovery-p50": "aim met",
    "crash-recovery-p99": "aim met",
    "freeze-recovery-p99": "not measured",
    "isolate-recovery-p99": "not measured",
    completion: "missed",
    "lost-or-doubled": "aim met",
    "concurrent-workflows": "not measured",
    "engine-memory": "not measured",
    "service-memory": "not measured",
  });
});

test("a file of targets that cannot be used is refused with every problem", () => {
  const folder = mkdtempSync(join(tmpdir(), "targets-"));
  const file = join(folder, "targets.json");
  const { needsLoad: _, ...written } = target({ aim: 200 });
  writeFileSync(file, JSON.stringify({ version: 1, targets: [written, { ...written, aim: 1, figure: "beauty" }] }));
  try {
    expect(() => loadTargets(file)).toThrow(/the aim must not be easier than the floor[\s\S]*targets\[1\]\.figure/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
