/** The pure core of Agent Hive: rules that take values and return decisions. It imports the standard library alone. */
export {
  HiveError,
  type HiveErrorOptions,
  InterruptedError,
  LeaseLostError,
  TerminalError,
  TransientError,
} from "./errors/hive-error.js";
export { toError } from "./errors/to-error.js";
export { nearest, suggestion } from "./text/nearest.js";
export {
  CAPABILITY_PATTERN,
  isCapability,
  MAX_CAPABILITY_LENGTH,
  NOT_A_CAPABILITY,
  NOT_PRINTABLE,
  PRINTABLE_PATTERN,
} from "./text/printable.js";
export { MAX_REPORTED_PROBLEMS, pointer, type Problem, ProblemList } from "./problems/problem-list.js";

export { analyzeCriticalPath, type CriticalPathAnalysis, type OrderedEdges } from "./graph/critical-path.js";
export { DependencyGraph } from "./graph/dependency-graph.js";
export {
  DependencyGraphBuilder,
  type GraphOptions,
  type GraphProblemCode,
  type GraphResult,
} from "./graph/dependency-graph-builder.js";
export { DEFAULT_GRAPH_LIMITS, type GraphLimits, type GraphTask, TASK_ID_PATTERN } from "./graph/graph-task.js";
export { type Edges } from "./graph/levels.js";

export { flattenPhases, type PhaseOptions, type PhaseProblemCode, type PhaseResult } from "./phases/flatten-phases.js";
export {
  type PhasedDefinition,
  type PhaseItem,
  type PhaseNode,
  type PhaseTask,
  type PhaseTaskItem,
} from "./phases/phased-definition.js";

export { type AttemptOutcome, type AttemptRecord, type Report } from "./workflow/attempt-record.js";
export { type Changes, changesBetween, type TaskChange } from "./workflow/changes-between.js";
export { type DeadLetter, type KeptDeadLetter, recordDeadLetters } from "./workflow/dead-letter.js";
export { type Dispatch, type Filled, fillWindows, type FreeSlots } from "./workflow/fill-windows.js";
export {
  type Batch,
  EMPTY_HIVE,
  type Hive,
  recordBatch,
  type RecordedBatch,
  type Statistics,
  statisticsOf,
} from "./workflow/hive.js";
export { cancelWorkflow, type PageEnd, redispatchLost, releaseDue } from "./workflow/interventions.js";
export { recordCheckpoints, type TaskCheckpoint } from "./workflow/record-checkpoints.js";
export { type LostDelivery, recordCrashes } from "./workflow/record-crashes.js";
export {
  type Outcome,
  type RecordedResults,
  type RecordOptions,
  recordResults,
  type ResultVerdict,
  type TaskResult,
} from "./workflow/record-results.js";
export { submit, type Submission, type SubmitOptions, type Submitted } from "./workflow/submit.js";
export {
  type Checkpoint,
  type Failure,
  isTerminal,
  type Task,
  type TaskIn,
  type TaskState,
  type TaskStatus,
  TERMINAL_TASK_STATUSES,
  type TerminalTaskStatus,
} from "./workflow/task.js";
export {
  closeDependencies,
  markCancelled,
  markDelayed,
  markDispatched,
  markReady,
  redispatch,
  settle,
  type Settlement,
  TASK_TRANSITIONS,
  type TaskTransition,
} from "./workflow/task-transitions.js";
export {
  DEFAULT_PRIORITY,
  startWorkflow,
  type TaskCounters,
  type TaskPlan,
  type Workflow,
  type Workflows,
  type WorkflowStatus,
} from "./workflow/workflow.js";

export { DEFAULT_RETRY_POLICY, nextAttemptAt, type RetryPolicy } from "./retry/retry-policy.js";
export { DurationEstimate } from "./routing/duration-estimate.js";
export {
  expectedWaitMs,
  type RoutableGroup,
  type RoutableTask,
  type Route,
  routeTask,
  type RoutingFailure,
} from "./routing/route-task.js";
export {
  DEFAULT_LIVENESS_SETTINGS,
  type LivenessSettings,
  type LivenessState,
  NOTHING_OBSERVED,
  observe,
} from "./liveness/liveness.js";
export {
  type LivenessVerdict,
  type Observation,
  type ObservedIncarnation,
  type Standstill,
} from "./liveness/observation.js";
export { freeOf, MINIMUM_WINDOW, windowOf } from "./window/window.js";
export {
  chargeCrash,
  type CrashHistory,
  decideDelivery,
  type DeliveryDecision,
  MAX_CRASHES_ALONE,
} from "./poison/poison.js";
