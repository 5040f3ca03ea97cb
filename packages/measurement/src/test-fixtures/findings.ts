import type { Invariant, Measurement, TargetVerdict } from "../measurement.js";

const invariant = (id: Invariant["id"], name: string, checked: number): Invariant => ({
  id,
  name,
  holds: true,
  checked,
  violations: [],
});

export const INVARIANTS: Invariant[] = [
  invariant("I1", "no loss: every task of every accepted workflow ended", 11),
  invariant("I2", "recorded once: each task that succeeded has exactly one applied result", 11),
  invariant("I3", "fenced: no result was applied after the next attempt was granted", 5),
  invariant("I4", "order: no task started before all its dependencies were recorded", 15),
  invariant("I5", "idempotent submission: one workflow for each key", 1),
  invariant("I6", "acknowledge last: nothing is acknowledged that was not made durable", 17),
  invariant("I7", "safe removal: no entry is gone whose attempt was not over", 17),
  invariant("I8", "conservation: created = succeeded + failed + cancelled + dead + live", 1),
  invariant("I11", "honest figures: published figures equal those recomputed from history", 9),
];

const target = (
  id: string,
  name: string,
  unit: string,
  [floor, aim, measured]: readonly [number | null, number | null, number | null],
  verdict: TargetVerdict["verdict"],
  how: string,
): TargetVerdict => ({ id, name, unit, floor, aim, better: "lower", measured, verdict, how });

const FROM_KILL = "From the signal, on the killer's clock, until PostgreSQL's record of the start elsewhere.";
const RSS = "Median of VmRSS in /proc, read each second; the process that has most.";

/** Targets with what the recoveries came to, in milliseconds; the other figures are made up. */
export const targetsOf = ({ crash, freeze }: Measurement["recoveryMs"]): TargetVerdict[] => [
  target("crash-recovery-p50", "Recovery after kill -9, median", "ms", [30_000, 100, crash.p50], "aim met", FROM_KILL),
  target(
    "crash-recovery-p99",
    "Recovery after kill -9, 99th percentile",
    "ms",
    [30_000, 500, crash.p99],
    "aim met",
    FROM_KILL,
  ),
  target(
    "freeze-recovery-p99",
    "Recovery after a freeze, 99th percentile",
    "ms",
    [30_000, 2000, freeze.p99],
    "aim met",
    FROM_KILL,
  ),
  target(
    "engine-memory",
    "Memory of the workflow engine",
    "bytes",
    [188_743_680, 125_829_120, 144_703_488],
    "floor met",
    RSS,
  ),
  target(
    "service-memory",
    "Memory of any other service",
    "bytes",
    [157_286_400, 125_829_120, 112_197_632],
    "aim met",
    RSS,
  ),
  target(
    "completion",
    "Workflows not finished",
    "%",
    [0, 0, 0],
    "aim met",
    "Workflows in PostgreSQL that ended without success, of all.",
  ),
  {
    ...target(
      "throughput",
      "Messages through all services",
      "1/s",
      [10_000, 45_000, null],
      "not measured",
      "Needs sustained load: --performance-mode.",
    ),
    better: "higher",
  },
];
