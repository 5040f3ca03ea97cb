/** What a run came to: for the terminal, as JSON for programs and as a page for people. */
import { page } from "./page.ts";

/** The part of k6's own data that is used. */
interface RunData {
  metrics: Record<
    string,
    { contains: string; values: Record<string, number>; thresholds?: Record<string, { ok: boolean }> }
  >;
  state: { testRunDurationMs: number };
}

/** One demand, and whether it was met. */
interface Demand {
  metric: string;
  demand: string;
  met: boolean;
  /** The metric's values as they came out. */
  found: string;
}

/** The whole of a run; what the JSON file has. */
export interface Summary {
  version: 1;
  scenario: string;
  /** What was offered. */
  load: string;
  endedAt: string;
  seconds: number;
  demands: Demand[];
  /** Values of each metric: times in ms. */
  metrics: Record<string, Record<string, number>>;
  /** What the figures do not say. */
  limits: string[];
}

const LIMITS = [
  "The load generator ran beside the hive unless you placed it elsewhere, and takes its share of the machine.",
  "messages_per_second is three messages for each task that the engine has recorded as succeeded, over the time from the first submission until all workflows had ended.",
  "workflow_duration is what a client that looks again and again sees, of one workflow in twenty requests.",
  "Tasks do nothing, payloads are small.",
];

/** @param load what is offered, in words. */
export function summaries(scenario: string, load: string) {
  return (data: RunData): Record<string, string> => {
    const summary = summaryOf(scenario, load, data);
    const files = filesOf(summary);
    return { stdout: textOf(summary, Object.keys(files)), ...files };
  };
}

function summaryOf(scenario: string, load: string, { metrics, state }: RunData): Summary {
  return {
    version: 1,
    scenario,
    load,
    endedAt: new Date().toISOString(),
    seconds: state.testRunDurationMs / 1000,
    demands: inOrder(metrics).flatMap(([metric, { thresholds = {}, values, contains }]) =>
      Object.entries(thresholds).map(([demand, { ok }]) => ({
        metric,
        demand,
        met: ok,
        found: told(values, contains),
      })),
    ),
    metrics: Object.fromEntries(Object.entries(metrics).map(([name, { values }]) => [name, values])),
    limits: LIMITS,
  };
}

/** By name, and by number where names differ in one: steps come as they were taken. */
const inOrder = <T>(metrics: Record<string, T>): [string, T][] =>
  Object.entries(metrics).sort(
    ([a], [b]) => a.replace(/\d+/, "").localeCompare(b.replace(/\d+/, "")) || numberIn(a) - numberIn(b),
  );

const numberIn = (name: string): number => Number(/\d+/.exec(name)?.[0] ?? 0);

/** The few values that say most about a metric of its kind. */
function told(values: Record<string, number>, contains: string): string {
  const unit = contains === "time" ? " ms" : "";
  const shown = ["value", "rate", "count", "med", "p(95)", "max"].filter((name) => values[name] !== undefined);
  const chosen = values["value"] === undefined ? shown : ["value"];
  return chosen.map((name) => `${name === "value" ? "" : `${name} `}${round(values[name]!)}${unit}`).join(", ");
}

const round = (value: number): string => String(Math.round(value * 100) / 100);

function textOf({ scenario, load, seconds, demands, metrics }: Summary, files: string[]): string {
  const rows = demands.map(
    ({ met, metric, demand, found }) => `  ${met ? "met    " : "NOT MET"} ${metric} ${demand}: ${found}`,
  );
  const accepted = metrics["workflows_accepted"]?.["count"];
  return [
    "",
    `${scenario}: ${load}; ${Math.round(seconds)} s in all${accepted === undefined ? "" : `, ${accepted} workflows accepted`}`,
    ...rows,
    ...files.map((file) => `  ${file}`),
    "",
  ].join("\n");
}

/** Nothing is written unless LOAD_RESULTS names a folder. */
function filesOf(summary: Summary): Record<string, string> {
  const folder = __ENV.LOAD_RESULTS;
  if (!folder) return {};
  const file = `${folder}/${summary.scenario}-${summary.endedAt.replaceAll(/[:.]/g, "-")}`;
  return { [`${file}.json`]: `${JSON.stringify(summary, undefined, 2)}\n`, [`${file}.html`]: page(summary) };
}
