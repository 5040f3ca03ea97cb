import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { METRICS, type MetricName } from "./names.js";

const REPOSITORY = join(import.meta.dirname, "..", "..", "..", "..");
const read = (...path: string[]): string => readFileSync(join(REPOSITORY, ...path), "utf8");

const NAMES = Object.keys(METRICS) as MetricName[];
const OWNERS = { every: "every service", agents: "agents" } as Record<string, string>;

test("the document lists every metric with what is declared, and no other", () => {
  const rows = /\n\| metric\s*\|.*\n\|[-|: ]+\n((?:\|.*\n)+)/.exec(read("docs", "telemetry.md"))?.[1] ?? "";
  const told = rows
    .trim()
    .split("\n")
    .map((row) =>
      row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const declared = NAMES.map((name) => {
    const { type, labels, owner, help } = METRICS[name];
    return [`\`${name}\``, type, labels.map((label) => `\`${label}\``).join(", "), OWNERS[owner] ?? owner, help];
  });
  expect(told).toEqual(declared);
});

test.each(NAMES)("%s is named as Prometheus wants it", (name) => {
  const { type, help } = METRICS[name];
  expect(name).toMatch(/^[a-z_]+$/);
  expect(name.endsWith("_total")).toBe(type === "counter");
  if (type === "histogram") expect(name).toMatch(/_seconds$/);
  expect(help).toMatch(/\.$/);
});

test("no label can have as many values as there are workflows or processes", () => {
  const labels = new Set(NAMES.flatMap((name) => [...METRICS[name].labels]));
  expect([...labels].filter((label) => /id|incarnation|consumer|agent$|task|workflow|key/.test(label))).toEqual([]);
});

/** The names of our metrics in queries: a histogram's parts count as the histogram. */
function namesIn(text: string): string[] {
  const found = text.match(/\bhive_[a-z_]+/g) ?? [];
  return [...new Set(found.map((name) => name.replace(/_(bucket|sum|count)$/, "")))];
}

const DASHBOARDS = readdirSync(join(REPOSITORY, "infra", "grafana", "dashboards"));

test.each([
  ["alerts", [["prometheus", "rules.yml"]]],
  ["dashboards", DASHBOARDS.map((file) => ["grafana", "dashboards", file])],
])("%s ask for metrics that there are", (_what, files) => {
  for (const file of files) {
    const asked = namesIn(read("infra", ...file));
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((name) => !NAMES.includes(name as MetricName))).toEqual([]);
  }
});

test("each alert has a runbook and a test that sees it fire, and there is no other runbook", () => {
  const alerts = Array.from(read("infra", "prometheus", "rules.yml").matchAll(/alert: (\w+)/g), ([, name]) => name!);
  const runbooks = readdirSync(join(REPOSITORY, "docs", "runbooks")).map((file) => file.replace(".md", ""));
  expect(runbooks.filter((name) => name !== "README").toSorted()).toEqual(alerts.toSorted());
  const tests = read("infra", "prometheus", "rules.test.yml");
  for (const alert of alerts) {
    expect(tests).toMatch(new RegExp(`alertname: ${alert}\\n\\s+exp_alerts:\\n\\s+- `));
    expect(read("infra", "prometheus", "rules.yml")).toContain(`runbook: docs/runbooks/${alert}.md`);
    expect(read("docs", "runbooks", "README.md")).toContain(`[${alert}](${alert}.md)`);
  }
});
