import type { Fault } from "./fault-kinds.js";
import { recoveries, resumptions, throughputGaps, type RecordedRun } from "./measurements.js";

const BEGIN = 1_000_000;
const at = (afterMs: number) => ({ wallMs: BEGIN + afterMs, monotonicMs: 500 + afterMs });

function fault(about: Partial<Fault> = {}): Fault {
  return {
    number: 1,
    kind: "agent-kill",
    target: "qa-1",
    at: at(0),
    incarnation: "victim",
    group: "qa",
    held: [{ taskKey: "w:0", attempt: 1 }],
    freeSlots: 1,
    others: 2,
    ...about,
  };
}

function run(about: Partial<RecordedRun> & { startedAfterMs: number }): RecordedRun {
  const { startedAfterMs, ...rest } = about;
  return { taskKey: "w:0", attempt: 1, delivery: "", incarnation: "other", startedMs: BEGIN + startedAfterMs, ...rest };
}

const lost = run({ delivery: "1-1", incarnation: "victim", startedAfterMs: -30 });

describe("running elsewhere", () => {
  test("is the first start in another process after the strike, whatever came of it", () => {
    const runs = [lost, run({ startedAfterMs: 900, attempt: 2 }), run({ startedAfterMs: 80, delivery: "1-1b" })];
    expect(recoveries([fault()], runs)).toMatchObject([{ measure: "running elsewhere", ms: 80, what: "w:0" }]);
  });

  test("is unknown of a task that never started again, and says so", () => {
    expect(recoveries([fault()], [lost])).toMatchObject([{ ms: null }]);
  });

  test("is not asked of a task whose result was on its way already", () => {
    expect(recoveries([fault()], [run({ incarnation: "victim", startedAfterMs: -30 })])).toEqual([]);
  });

  test("is told apart where no slot was free, and with what else went on", () => {
    const other = fault({ number: 2, kind: "redis-restart", target: "redis", at: at(50), held: [] });
    const [sample] = recoveries([fault({ freeSlots: 0 }), other], [lost, run({ startedAfterMs: 200 })]);
    expect(sample).toMatchObject({
      apart: "no slot of its group was free",
      notes: ["2 others with 0 free slots", "meanwhile redis-restart #2 of redis"],
    });
  });
});

describe("throughput back", () => {
  const kill = fault({ kind: "service-kill", target: "router", held: [] });
  /** A result every 10 ms over these times. */
  const steady = (fromMs: number, toMs: number): number[] =>
    Array.from({ length: (toMs - fromMs) / 10 }, (_, index) => BEGIN + fromMs + index * 10);

  test("is 0 if the rate never fell", () => {
    expect(throughputGaps([kill], steady(-3_000, 5_000))).toMatchObject([{ ms: 0 }]);
  });

  test("is the end of the first whole window at the rate of before", () => {
    const gap = [...steady(-3_000, 100), ...steady(600, 5_000)];
    expect(throughputGaps([kill], gap)).toMatchObject([{ ms: 600 + 200, what: "router" }]);
  });

  test("is unknown if it did not come back, and apart if there was too little to tell", () => {
    expect(throughputGaps([kill], steady(-3_000, 0))).toMatchObject([{ ms: null }]);
    expect(throughputGaps([kill], [BEGIN - 10])).toMatchObject([{ apart: "too few results to tell a rate" }]);
  });
});

test("the first result after a store is back counts from its return", () => {
  const restart = fault({ kind: "redis-restart", target: "redis", held: [], endedAt: at(400) });
  expect(resumptions([restart], [BEGIN + 100, BEGIN + 450])).toMatchObject([{ measure: "first result", ms: 50 }]);
});
