export { checkRun, type CheckRunOptions } from "./check-run.js";
export type { Thresholds, Verdict, Violation } from "./checker/verdict.js";
export { startRecording, type Fault, type Recording } from "./recording.js";
