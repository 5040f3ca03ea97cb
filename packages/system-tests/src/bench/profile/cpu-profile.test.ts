import { selfTimes, type CpuProfile } from "./cpu-profile.js";

const frame = (functionName: string, url = "") => ({ functionName, url, lineNumber: 9 });
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame("(idle)") },
    { id: 2, callFrame: frame("parse", "file:///hive/packages/streams/dist/replies.js") },
    { id: 3, callFrame: frame("", "file:///hive/node_modules/@scope/lib/dist/index.js") },
  ],
  startTime: 1_000,
  samples: [2, 1, 3, 2, 2],
  timeDeltas: [100, 100, 500, 200, 400],
};

test("time is summed by function, the longest first, without idleness", () => {
  expect(selfTimes(profile, 0, Infinity)).toEqual([
    { name: "parse streams/replies.js:10", microseconds: 700 },
    { name: "(anonymous) @scope/lib/index.js:10", microseconds: 500 },
  ]);
});

test("samples outside of the time that was measured do not count", () => {
  expect(selfTimes(profile, 1_150, 1_900)).toEqual([
    { name: "(anonymous) @scope/lib/index.js:10", microseconds: 500 },
    { name: "parse streams/replies.js:10", microseconds: 200 },
  ]);
});
