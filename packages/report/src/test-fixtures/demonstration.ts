import { demonstrated, type DemonstratedOptions } from "@agent-hive/measurement/test-fixtures";
import type { ReportInput } from "../report-input.js";
import { criteriaOf, ENVIRONMENT, PHASES } from "./findings.js";

/** The input of a report on a demonstration that passed. */
export function demonstration(options: DemonstratedOptions = {}): ReportInput {
  const measurement = demonstrated(options);
  return {
    title: "Demonstration",
    generatedAt: "2026-11-26T01:40:31.000Z",
    verdict: "passed",
    criteria: criteriaOf(measurement),
    phases: PHASES,
    measurement,
    environment: ENVIRONMENT,
    workflowId: measurement.workflows[0]!.id,
  };
}
