import type { Run } from "./bench.js";
import { summarise } from "./report.js";

const run = (system: Run["system"], round: number, figures: Run["figures"], scenario = "one"): Run => ({
  scenario,
  round,
  system,
  figures,
});

test("a ratio is made of two runs of one round, and then the middle of the ratios is taken", () => {
  const runs = [run("hive", 1, { p50Ms: 20 }), run("bare", 1, { p50Ms: 10 })];
  const noisy = [run("bare", 2, { p50Ms: 100 }), run("hive", 2, { p50Ms: 120 })];
  const last = [run("hive", 3, { p50Ms: 30 }), run("bare", 3, { p50Ms: 20 })];
  expect(summarise([...runs, ...noisy, ...last])).toMatchObject([
    {
      figure: "one.p50Ms",
      hive: { median: 30, min: 20, max: 120 },
      bare: { median: 20, min: 10, max: 100 },
      ratio: { median: 1.5, min: 1.2, max: 2 },
    },
  ]);
});

test("targets are judged by the middle of the figure that they are about", () => {
  const [row] = summarise([run("hive", 1, { p50Ms: 8 }), run("bare", 1, { p50Ms: 4 })]);
  expect(row!.targets.map(({ of, met }) => [of, met])).toEqual([
    ["ratio", false],
    ["hive", true],
  ]);
});

test("what was not compared has neither ratio nor targets of one", () => {
  const [row] = summarise([run("hive", 1, { p50Ms: 8 })]);
  expect(row).not.toHaveProperty("ratio");
  expect(row!.targets.map(({ of }) => of)).toEqual(["hive"]);
});
