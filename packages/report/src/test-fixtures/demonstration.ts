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
    traceUrl: null,
    underLoad: null,
  };
}

/** Load that was held up to 12,500 messages a second, and for a minute with two kills. */
export function loaded(): NonNullable<ReportInput["underLoad"]> {
  const load = { workflows: 30_000, succeeded: 30_000, kills: 2, violations: 0 };
  return {
    criteria: [{ name: "10,000 messages a second sustained", met: true, found: "10,800 messages/s for 60 s" }],
    steps: [2_500, 5_000, 10_000, 12_500, 15_625].map((offered, index) => ({
      offered,
      measured: Math.min(offered, 13_000),
      open: index < 4 ? 40 : 900,
      held: index < 4,
    })),
    sustained: {
      ...load,
      offered: 11_000,
      measured: 10_800,
      seconds: 60,
      recoveryMs: { p50: 80, p99: 140, max: 140 },
      series: Array.from({ length: 60 }, (_, second) => ({
        atMs: second * 1000,
        recordedPerSecond: 3_600 + (second % 7),
        inFlight: 200,
      })),
      strikes: [10_000, 20_000].map((atMs) => ({ atMs, agentId: "backend-1" })),
    },
    atOnce: [{ ...load, workflows: 1_000, succeeded: 1_000, seconds: 1.6, p50Ms: 900, p95Ms: 1_400, p99Ms: 1_500 }],
    problem: null,
  };
}
