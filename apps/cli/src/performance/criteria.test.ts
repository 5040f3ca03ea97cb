import { judgePerformance } from "./criteria.js";
import type { Crowd, SustainedLoad } from "./performance.js";

const CROWDS = [100, 1_000];
const load = { workflows: 10, succeeded: 10, kills: 2, violations: 0, recoveryMs: null };
const sustained: SustainedLoad = {
  ...load,
  offered: 11_000,
  measured: 10_900,
  seconds: 300,
  series: [],
  strikes: [],
  processes: [],
};
const atOnce: Crowd[] = CROWDS.map((workflows) => ({
  ...load,
  workflows,
  succeeded: workflows,
  kills: 1,
  seconds: 1.5,
  p50Ms: 700,
  p95Ms: 1_400,
  p99Ms: 1_500,
}));

const missed = (changes: Partial<SustainedLoad>, crowds = atOnce): string[] =>
  judgePerformance({ sustained: { ...sustained, ...changes }, atOnce: crowds }, 10_000, CROWDS)
    .filter(({ met }) => !met)
    .map(({ name }) => name);

const [RATE, NOTHING_LOST, AT_ONCE] = [
  "10,000 messages a second sustained",
  "nothing lost, nothing recorded twice under load",
  "1,000 workflows at once",
];

test("all that was demanded was met", () => {
  expect(missed({})).toEqual([]);
});

test.each<{ names: string[]; changes?: Partial<SustainedLoad>; crowds?: Crowd[] }>([
  { names: [RATE], changes: { measured: 9_999 } },
  { names: [NOTHING_LOST], changes: { violations: 1 } },
  { names: [NOTHING_LOST], changes: { succeeded: 9 } },
  { names: [NOTHING_LOST, AT_ONCE], crowds: [atOnce[0]!, { ...atOnce[1]!, succeeded: 999 }] },
  { names: [AT_ONCE], crowds: [atOnce[0]!] },
])("$names is not met after $changes $crowds.1.succeeded", ({ names, changes = {}, crowds }) => {
  expect(missed(changes, crowds)).toEqual(names);
});

test("without a kill nothing is proved, and what was not measured is not met", () => {
  const nobody = judgePerformance({ sustained: { ...sustained, kills: 0 }, atOnce: [] }, 10_000, CROWDS);
  expect(nobody.map(({ met }) => met)).toEqual([true, false, false]);
  expect(judgePerformance({ sustained: null, atOnce: [] }, 10_000, CROWDS).map(({ found }) => found)).toEqual([
    "not measured",
    "0 of 0 workflows succeeded through 0 kills; violations: 0",
    "not measured",
  ]);
});
