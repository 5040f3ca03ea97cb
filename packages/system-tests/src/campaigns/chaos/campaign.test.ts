import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "@agent-hive/chaos";
import { resultOf } from "./campaign.js";
import type { Sample } from "./measurements.js";
import { parseOptions } from "./options.js";
import { spreadOf } from "./percentiles.js";
import { readProgress, writeProgress } from "./progress-file.js";
import { randomWorkflow } from "./random-workflow.js";
import type { RoundResult } from "./round.js";

function round(about: Partial<RoundResult> = {}): RoundResult {
  return {
    number: 1,
    faults: [{ kind: "agent-kill", struck: true }],
    samples: [],
    workflows: 1,
    tasks: 5,
    seconds: 2,
    lateResultsRefused: 0,
    givenUpInVain: 0,
    violations: [],
    voids: [],
    ...about,
  };
}

const optionsOf = (...args: string[]) => parseOptions(["--seed", "1", ...args])!.campaign;

test("a violation in any round makes the verdict, and names the round", () => {
  const result = resultOf([round(), round({ number: 2, violations: ["I2: …"] })]);
  expect(result).toMatchObject({ verdict: "violated", violations: ["round 2: I2: …"], workflows: 2, tasks: 10 });
});

test("faults that struck nothing prove nothing", () => {
  const missed = { kind: "agent-kill", struck: false } as const;
  expect(resultOf([round({ faults: [missed, missed, { ...missed, struck: true }] })]).verdict).toBe("void");
  expect(resultOf([]).verdict).toBe("void");
  expect(resultOf([round({ voids: ["a gap"] })]).verdict).toBe("void");
  expect(resultOf([round()]).verdict).toBe("valid");
});

test("what is told apart is not among the figures, and the worst come first", () => {
  const sample = (ms: number | null, apart?: string): Sample => {
    const measured = { measure: "running elsewhere", kind: "agent-kill", fault: 1, what: "w:0" } as const;
    return { ...measured, ms, notes: [], ...(apart !== undefined && { apart }) };
  };
  const result = resultOf([round({ samples: [sample(10), sample(900, "busy"), sample(null), sample(30)] })]);
  expect(result.figures).toMatchObject([
    { count: 2, p50: 10, max: 30, never: 1, apart: { busy: { count: 1, max: 900 } } },
  ]);
  expect(result.worst.map(({ ms }) => ms)).toEqual([null, 900, 30, 10]);
});

test("percentiles are values that occurred", () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(spreadOf(values)).toEqual({ count: 100, p50: 50, p95: 95, p99: 99, max: 100 });
  expect(spreadOf([])).toEqual({ count: 0, p50: null, p95: null, p99: null, max: null });
});

test("the same seed gives the same workflows, whose tasks depend on earlier ones only", () => {
  const [random, again] = [seededRandom(7), seededRandom(7)];
  for (let number = 0; number < 200; number++) {
    const { tasks } = randomWorkflow("w", random);
    expect(randomWorkflow("w", again).tasks).toEqual(tasks);
    tasks!.forEach(({ dependsOn }, position) => {
      expect(dependsOn!.every((id) => Number(id.slice(1)) < position)).toBe(true);
    });
  }
});

test("an option that cannot be used is refused with what can", () => {
  expect(() => optionsOf("--faults", "agent-kil")).toThrow('There is no fault "agent-kil". There are: agent-kill,');
  expect(() => optionsOf("--count", "many")).toThrow("--count must be a whole number from 1");
  expect(parseOptions(["--help"])).toBeUndefined();
});

test("finished rounds are kept for the same campaign, longer or not, and for no other", () => {
  const folder = mkdtempSync(join(tmpdir(), "progress-"));
  try {
    const file = join(folder, "campaign.json");
    expect(readProgress(file, optionsOf())).toEqual([]);
    writeProgress(file, optionsOf("--count", "10"), [round()]);
    expect(readProgress(file, optionsOf("--count", "20"))).toEqual([round()]);
    expect(() => readProgress(file, optionsOf("--slots", "2"))).toThrow("belongs to another campaign");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
