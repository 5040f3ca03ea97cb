import type { Summary } from "./summary.ts";

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; }
h1 { font-size: 1.4rem; margin-bottom: 0; }
.verdict { font-weight: 600; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; margin: 1rem 0; }
caption { text-align: left; font-weight: 600; }
th, td { text-align: left; padding: .25rem 1rem .25rem 0; border-bottom: 1px solid #8886; white-space: nowrap; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }`;

/** A page of its own: it needs nothing from anywhere. */
export function page({ scenario, load, endedAt, seconds, demands, metrics, limits }: Summary): string {
  const missed = demands.filter(({ met }) => !met).length;
  const columns = ["value", "count", "rate", "min", "med", "avg", "p(90)", "p(95)", "max"];
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(scenario)}: load test</title>
<style>${STYLE}</style>
<h1>Load test: ${escaped(scenario)}</h1>
<p>${escaped(load)}; ${Math.round(seconds)} s in all, ended ${escaped(endedAt)}.</p>
<p class="verdict">${missed === 0 ? "All demands were met." : `${missed} of ${demands.length} demands were not met.`}</p>
<div class="scroll"><table><caption>Demands</caption>
<tr><th scope="col">Verdict<th scope="col">Metric<th scope="col">Demand<th scope="col">Found
${demands.map(({ met, metric, demand, found }) => row(met ? "met" : "not met", metric, demand, found)).join("\n")}
</table></div>
<div class="scroll"><table><caption>All metrics (times in ms)</caption>
<tr><th scope="col">Metric${columns.map((column) => `<th scope="col">${escaped(column)}`).join("")}
${Object.entries(metrics)
  .map(
    ([name, values]) =>
      `<tr><th scope="row">${escaped(name)}${columns.map((column) => figure(values[column])).join("")}`,
  )
  .join("\n")}
</table></div>
<h2>What the figures do not say</h2>
<ul>${limits.map((limit) => `<li>${escaped(limit)}`).join("")}</ul>
</html>
`;
}

const row = (...cells: string[]): string => `<tr>${cells.map((cell) => `<td>${escaped(cell)}`).join("")}`;

const figure = (value: number | undefined): string =>
  `<td class="number">${value === undefined ? "" : String(Math.round(value * 100) / 100)}`;

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
