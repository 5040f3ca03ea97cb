import { z } from "zod";
import { failed, held, skipped, type Check, type Finding } from "./check.js";
import { resultOf, skip } from "./run-checks.js";
import { summarise } from "./summarise.js";
import { validationResultsSchema } from "./validation-results.js";

function checkOf(id: string, severity: Check["severity"] = "needed"): Check {
  return { id, title: `Title of ${id}`, severity, wanted: "much", run: async () => held("enough") };
}

function summaryOf(findings: { finding: Finding; severity?: Check["severity"] }[], interrupted = false) {
  const checks = findings.map(({ finding, severity }, index) =>
    resultOf(checkOf(`c-${index}`, severity), finding, 1.4),
  );
  const startedAt = new Date("2026-01-02T03:04:05Z");
  return summarise({ checks, quick: true, interrupted, startedAt, durationMs: 10.5 });
}

test("results of every kind are what the schema says", () => {
  const results = summaryOf([
    { finding: held("18.4", [{ name: "kill to verdict", value: 12.5, unit: "ms" }]) },
    { finding: failed("17.2", "Use PostgreSQL 18.") },
    { finding: skipped("There is nothing to look at.") },
  ]);

  expect(validationResultsSchema.parse(JSON.parse(JSON.stringify(results)))).toEqual(results);
  expect(results.totals).toEqual({ held: 1, failedNeeded: 1, failedAdvised: 0, skipped: 1 });
});

test("a JSON Schema can be made of it, in which everything is described", () => {
  const schema = z.toJSONSchema(validationResultsSchema);

  expect(undescribed(schema)).toEqual([]);
  expect(schema).toMatchObject({ properties: { durationMs: { unit: "ms" }, version: { const: 1 } } });
});

test.each([
  { what: "all that is needed holds", findings: [{ finding: held("") }], passed: true },
  { what: "a needed check failed", findings: [{ finding: held("") }, { finding: failed("", "") }], passed: false },
  {
    what: "only advice was not followed",
    findings: [{ finding: held("") }, { finding: failed("", ""), severity: "advised" as const }],
    passed: true,
  },
  { what: "nothing was looked at", findings: [{ finding: skipped("") }], passed: false },
])("passed is $passed if $what", ({ findings, passed }) => {
  expect(summaryOf(findings).passed).toBe(passed);
});

test("a run that was interrupted has not passed, whatever held before", () => {
  expect(summaryOf([{ finding: held("") }], true)).toMatchObject({ passed: false, interrupted: true });
});

test("a check that was left out says why, and took no time", () => {
  expect(skip(checkOf("clocks"), "There is no hive to check.")).toMatchObject({
    id: "clocks",
    state: "skipped",
    reason: "There is no hive to check.",
    durationMs: 0,
  });
});

/** Paths of properties that have no description of their own. */
function undescribed(schema: unknown, path = "$"): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties = {}, items, oneOf = [] } = schema as Record<string, object | undefined> & { oneOf?: object[] };
  const own = "description" in schema ? [] : [path];
  return [
    ...own,
    ...Object.entries(properties).flatMap(([name, inner]) => undescribed(inner, `${path}.${name}`)),
    ...(items === undefined ? [] : undescribed(items, `${path}[]`)),
    // Alternatives are described by the property in which they differ.
    ...oneOf.flatMap((inner) => undescribed({ description: "", ...inner }, `${path}|`)),
  ];
}
