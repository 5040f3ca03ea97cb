export {
  MEASUREMENT_VERSION,
  actSchema,
  measurementSchema,
  type Act,
  type Distribution,
  type Invariant,
  type MeasuredAttempt,
  type MeasuredTask,
  type MeasuredWorkflow,
  type Measurement,
  type Recovery,
  type TargetVerdict,
} from "./measurement.js";
export { percentile } from "./distribution.js";
export { factsOf } from "./facts.js";
export { checkInvariants } from "./invariants/check-invariants.js";
export { measure } from "./measure.js";
export { publishedFigureSchema, type PublishedFigure } from "./published-figures.js";
export type {
  AttemptRecord,
  GroupRecord,
  InFlightRecords,
  ProcessRecord,
  RunRecords,
  RunTotals,
  StepTotals,
  SubmissionRecord,
  TaskRecord,
  VerdictRecord,
  WorkflowRecord,
} from "./records.js";
export { DEFAULT_TARGETS_FILE, loadTargets, validatePerformanceTargets, type Target } from "./targets.js";
export { stepsOf, totalsOf } from "./totals.js";
