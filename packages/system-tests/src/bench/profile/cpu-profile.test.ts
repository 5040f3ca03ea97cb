import { profileTimes, type CpuProfile } from "./cpu-profile.js";

const frame = (functionName: string, url = "") => ({ functionName, url, lineNumber: 9 });
const profile: CpuProfile = {
  nodes: [
    { id: 1, callFrame: frame("(idle)") },
    { id: 2, callFrame: frame("parse", "file:///hive/packages/streams/dist/replies.js"), children: [3] },
    { id: 3, callFrame: frame("", "file:///hive/node_modules/@scope/lib/dist/index.js") },
  ],
  startTime: 1_000,
  samples: [2, 1, 3, 2, 2],
  timeDeltas: [100, 100, 500, 200, 400],
};
const PARSE = "parse streams/replies.js:10";
const CALLED = "(anonymous) @scope/lib/index.js:10";

test("time is summed by function, by package, and by function of ours with what it calls; the longest first", () => {
  expect(profileTimes(profile, 0, Infinity)).toEqual({
    self: [
      { name: PARSE, microseconds: 700 },
      { name: CALLED, microseconds: 500 },
    ],
    inclusive: [{ name: PARSE, microseconds: 1_200 }],
    byPackage: [
      { name: "streams", microseconds: 700 },
      { name: "@scope/lib", microseconds: 500 },
    ],
  });
});

test("samples outside of the time that was measured do not count", () => {
  expect(profileTimes(profile, 1_150, 1_900).self).toEqual([
    { name: CALLED, microseconds: 500 },
    { name: PARSE, microseconds: 200 },
  ]);
});

test("time for which the process did not run counts for nobody", () => {
  const paused = { ...profile, samples: [2, 3], timeDeltas: [100_000, 1_000] };
  expect(profileTimes(paused, 0, Infinity).self).toEqual([
    { name: PARSE, microseconds: 2_000 },
    { name: CALLED, microseconds: 1_000 },
  ]);
});
