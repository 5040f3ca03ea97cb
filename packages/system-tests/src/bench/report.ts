/** Turns runs into a summary, and the summary into text. */
import type { Run } from "./bench.js";
import type { Conditions } from "./conditions.js";
import { FIGURES, type FigureName } from "./figures.js";
import type { BenchOptions } from "./options.js";
import { percentile, spreadOf, type Spread } from "./statistics.js";
import { MEMORY_TARGETS, TARGETS, isMet, type Target } from "./targets.js";

export interface SummaryRow {
  figure: string;
  label: string;
  digits: number;
  hive: Spread;
  bare?: Spread;
  /** Of the hive's figure to the bare pipeline's, round by round. */
  ratio?: Spread;
  targets: (Target & { met: boolean })[];
}

export interface Report {
  conditions: Conditions;
  options: BenchOptions;
  summary: SummaryRow[];
  runs: Run[];
}

export function summarise(runs: readonly Run[]): SummaryRow[] {
  const scenarios = [...new Set(runs.map(({ scenario }) => scenario))];
  return scenarios.flatMap((scenario) =>
    (FIGURES[scenario] ?? []).flatMap((name) =>
      rowOf(
        runs.filter((run) => run.scenario === scenario),
        scenario,
        name,
      ),
    ),
  );
}

function rowOf(runs: readonly Run[], scenario: string, { figure, label, digits }: FigureName): SummaryRow[] {
  const byRound = (system: Run["system"]) =>
    new Map(
      runs.flatMap((run) => {
        const value = run.figures[figure];
        return run.system === system && value !== undefined ? [[run.round, value]] : [];
      }),
    );
  const [hive, bare] = [byRound("hive"), byRound("bare")];
  if (hive.size === 0) return [];
  const ratios = [...hive].flatMap(([round, value]) => (bare.has(round) ? [value / bare.get(round)!] : []));
  const row = {
    figure: `${scenario}.${figure}`,
    label,
    digits,
    hive: spreadOf([...hive.values()]),
    ...(bare.size > 0 && { bare: spreadOf([...bare.values()]) }),
    ...(ratios.length > 0 && { ratio: spreadOf(ratios) }),
  };
  const targets = TARGETS.flatMap((target) => {
    const value = row[target.of]?.median;
    return target.figure === row.figure && value !== undefined ? [{ ...target, met: isMet(target, value) }] : [];
  });
  return [{ ...row, targets }];
}

export function textOf({ conditions, options, summary, runs }: Report): string {
  const header = ["scenario", "figure", "hive", "bare", "ratio", "target"];
  const rows = summary.map(({ figure, label, digits, hive, bare, ratio, targets }) => [
    figure.split(".")[0]!,
    label,
    told(hive, digits),
    bare ? told(bare, digits) : "",
    ratio ? told(ratio, 2) : "",
    targets.map(targetText).join(", "),
  ]);
  return [
    ...conditionLines(conditions, options),
    "",
    ...table([header, ...rows]),
    "",
    ...costLines(runs),
    ...memoryLines(runs),
  ].join("\n");
}

function conditionLines(conditions: Conditions, options: BenchOptions): string[] {
  const { node, cores, processor, loadBefore, quiet, postgresql, redis } = conditions;
  const agents = options.layout === "shared" ? "that serve all types" : "of each type";
  return [
    `Node ${node}, ${cores} cores (${processor}), load before ${loadBefore.toFixed(2)}${quiet ? "" : ": NOT QUIET"}`,
    `PostgreSQL ${settings(postgresql)}; Redis ${settings(redis)}`,
    `${options.agents} agent process(es) ${agents}, ${options.slots} slots, ${options.workflows} workflows, ${options.inFlight} in flight`,
    `Median of ${options.rounds} round(s), in brackets the least and the most.`,
  ];
}

function settings(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

function told({ median, min, max }: Spread, digits: number): string {
  const [middle, low, high] = [median, min, max].map((value) => value.toFixed(digits));
  return min === max ? middle! : `${middle} (${low}..${high})`;
}

function targetText({ of, level, atLeast, atMost, met }: SummaryRow["targets"][number]): string {
  const limit = atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`;
  return `${level} ${of === "ratio" ? "ratio " : ""}${limit} ${met ? "met" : "MISSED"}`;
}

/** CPU per task by process, where tasks were counted. */
function costLines(runs: readonly Run[]): string[] {
  const counted = runs.filter((run) => run.cpuMicrosecondsPerTask !== undefined);
  const groups = Map.groupBy(counted, ({ scenario, system }) => `${scenario}, ${system}`);
  const lines = [...groups].map(([group, of]) => {
    const medians = Object.keys(of[0]!.cpuMicrosecondsPerTask!).map((name) => {
      const values = of.map((run) => run.cpuMicrosecondsPerTask![name] ?? 0);
      return [name, percentile(values, 0.5)] as const;
    });
    const total = medians.reduce((sum, [, us]) => sum + us, 0);
    return [group, total.toFixed(0), medians.map(([name, us]) => `${name} ${us.toFixed(1)}`).join(", ")];
  });
  return lines.length === 0 ? [] : [...table([["CPU, µs a task", "all", "by process"], ...lines]), ""];
}

/** The most memory that each process of the hive had resident, in a burst if there was one. */
function memoryLines(runs: readonly Run[]): string[] {
  const ofHive = runs.filter(({ system, memory }) => system === "hive" && memory !== undefined);
  const bursts = ofHive.filter(({ scenario }) => scenario === "burst");
  const chosen = bursts.length > 0 ? bursts : ofHive;
  const names = Object.keys(chosen[0]?.memory ?? {});
  const lines = names.map((name) => {
    const memories = chosen.flatMap(({ memory }) => memory?.[name] ?? []);
    const peak = Math.max(...memories.map((memory) => memory.peak));
    const floor = name === "workflow-engine" ? MEMORY_TARGETS.engine : MEMORY_TARGETS.others;
    const verdict = (limit: number) => `≤ ${limit} ${isMet({ atMost: limit }, peak) ? "met" : "MISSED"}`;
    const targets = name === "redis" ? "" : `floor ${verdict(floor)}, aim ${verdict(MEMORY_TARGETS.aim)}`;
    return [name, String(memories.at(-1)!.now), String(peak), targets];
  });
  return lines.length === 0 ? [] : table([["memory, MB", "now", "peak", "target"], ...lines]);
}

function table(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
}
