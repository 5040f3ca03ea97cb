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
