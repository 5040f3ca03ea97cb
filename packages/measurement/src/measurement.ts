import { z } from "zod";
import { ATTEMPT_OUTCOMES, TASK_STATES, WORKFLOW_STATES } from "@agent-hive/contracts";

/** Version of everything in this file, as it stands in each result. */
export const MEASUREMENT_VERSION = 1;

/** Milliseconds since 1970, on the clock of PostgreSQL if a record has it, else on that of the measuring machine. */
const instant = z.number().meta({ unit: "ms since 1970" });
const ms = z.number().nonnegative().meta({ unit: "ms" });
const perSecond = z.number().nonnegative().meta({ unit: "1/s" });
const bytes = z.int().nonnegative().meta({ unit: "bytes" });

/** How many values there were, and how they lie; null where there were none. */
const distributionSchema = z.object({
  count: z.int().nonnegative(),
  min: z.number().nullable(),
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
  max: z.number().nullable(),
});
export type Distribution = z.infer<typeof distributionSchema>;

/** One task of a measured workflow, as PostgreSQL has it, with what follows from it. */
const measuredTaskSchema = z.object({
  workflowId: z.uuid(),
  taskId: z.string(),
  position: z.int().nonnegative(),
  agentType: z.string(),
  dependsOn: z.array(z.string()),
  state: z.enum(TASK_STATES),
  /** Attempts granted. */
  attempts: z.int().nonnegative(),
  crashes: z.int().nonnegative(),
  /** When its last dependency was recorded, or its workflow created if it has none; null while it waits. */
  readyAtMs: instant.nullable(),
  finishedAtMs: instant.nullable(),
  /** On the chain of dependencies that decided when the workflow ended, by the times that were recorded. */
  isCritical: z.boolean(),
});
export type MeasuredTask = z.infer<typeof measuredTaskSchema>;

/** One line of the history of attempts and lost deliveries. */
const measuredAttemptSchema = z.object({
  workflowId: z.uuid(),
  taskId: z.string(),
  attempt: z.int().positive(),
  outcome: z.enum(ATTEMPT_OUTCOMES),
  agentType: z.string(),
  agentId: z.string().nullable(),
  incarnation: z.string().nullable(),
  entryId: z.string().nullable(),
  dispatchedAtMs: instant.nullable(),
  startedAtMs: instant.nullable(),
  finishedAtMs: instant.nullable(),
  recordedAtMs: instant,
});
export type MeasuredAttempt = z.infer<typeof measuredAttemptSchema>;

const measuredWorkflowSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  state: z.enum(WORKFLOW_STATES),
  createdAtMs: instant,
  finishedAtMs: instant.nullable(),
  tasks: z.int().nonnegative(),
  succeeded: z.int().nonnegative(),
  failed: z.int().nonnegative(),
  cancelled: z.int().nonnegative(),
  dead: z.int().nonnegative(),
  /** Its trace, as 32 hex digits. */
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
});
export type MeasuredWorkflow = z.infer<typeof measuredWorkflowSchema>;

/** What was done to a process on purpose, told by whoever did it. */
export const actSchema = z.object({
  kind: z.enum(["crash", "freeze", "isolate"]),
  agentId: z.string(),
  incarnation: z.string(),
  agentType: z.string(),
  group: z.string(),
  atMs: instant,
  /** The deliveries that it held then. */
  held: z.array(z.object({ workflowId: z.uuid(), taskId: z.string(), attempt: z.int().positive() })),
});
export type Act = z.infer<typeof actSchema>;

/** What became of one task whose process was struck, in its parts; each in milliseconds from the act, null if unknown. */
export const recoverySchema = z.object({
  kind: actSchema.shape.kind,
  agentId: z.string(),
  incarnation: z.string(),
  agentType: z.string(),
  group: z.string(),
  workflowId: z.uuid(),
  taskId: z.string(),
  attempt: z.int().positive(),
  atMs: instant,
  /** Until the verdict on the process. */
  noticedMs: ms.nullable(),
  /** Until another process claimed the entry: from events, a hint. */
  claimedMs: ms.nullable(),
  /** Until the task ran elsewhere. */
  runningMs: ms.nullable(),
  /** Until its result was recorded. */
  recordedMs: ms.nullable(),
  recoveredBy: z.string().nullable(),
  /** Results of the struck process that came late and were refused. */
  fenced: z.int().nonnegative(),
});
export type Recovery = z.infer<typeof recoverySchema>;

/** Entries that went through one stream, by what its group has read and PostgreSQL's records. */
const streamThroughputSchema = z.object({
  stream: z.string(),
  messages: z.int().nonnegative(),
  perSecond,
});

/** The rate of recorded results and how much was in flight, second by second. */
const loadPointSchema = z.object({
  atMs: instant,
  recordedPerSecond: perSecond,
  inFlight: z.int().nonnegative(),
});

const consumerShareSchema = z.object({
  agentId: z.string(),
  incarnation: z.string(),
  /** Results of it that were recorded. */
  recorded: z.int().nonnegative(),
  /** Of all of its group, from 0 to 1. */
  share: z.number().min(0).max(1),
  /** Deliveries that were lost with it. */
  lost: z.int().nonnegative(),
});

const groupMeasureSchema = z.object({
  group: z.string(),
  agentType: z.string(),
  stream: z.string(),
  slots: z.int().nonnegative(),
  /** Entries in the stream, pending ones, and ones not yet delivered, at the end of the window. */
  length: z.int().nonnegative(),
  pending: z.int().nonnegative(),
  lag: z.int().nonnegative().nullable(),
  consumers: z.array(consumerShareSchema),
});

const processMeasureSchema = z.object({
  name: z.string(),
  service: z.string(),
  pid: z.int().positive(),
  rssMedianBytes: bytes,
  rssPeakBytes: bytes,
  cpuSeconds: z.number().nonnegative().meta({ unit: "s" }),
  samples: z.array(z.object({ atMs: instant, rssBytes: bytes, cpuShare: z.number().nonnegative() })),
});

const invariantSchema = z.object({
  id: z.enum(["I1", "I2", "I3", "I4", "I5", "I6", "I7", "I8", "I11"]),
  name: z.string(),
  holds: z.boolean(),
  /** How many facts were looked at; an invariant that looked at nothing does not hold. */
  checked: z.int().nonnegative(),
  /** The first violations, each a sentence that names what it is about. */
  violations: z.array(z.string()),
});
export type Invariant = z.infer<typeof invariantSchema>;

const targetVerdictSchema = z.object({
  id: z.string(),
  /** As a person reads it. */
  name: z.string(),
  unit: z.string(),
  floor: z.number().nullable(),
  aim: z.number().nullable(),
  /** Whether more or less is better. */
  better: z.enum(["higher", "lower"]),
  measured: z.number().nullable(),
  verdict: z.enum(["aim met", "floor met", "missed", "not measured"]),
  /** How it was measured, in a sentence. */
  how: z.string(),
});
export type TargetVerdict = z.infer<typeof targetVerdictSchema>;

const coverageSchema = z.object({ all: z.int().nonnegative(), measured: z.int().nonnegative() });

/** What a run came to: everything recomputed from PostgreSQL, Redis and the operating system. */
export const measurementSchema = z.object({
  version: z.literal(MEASUREMENT_VERSION),
  window: z.object({ fromMs: instant, toMs: instant, seconds: z.number().nonnegative().meta({ unit: "s" }) }),
  workflows: z.array(measuredWorkflowSchema),
  tasks: z.array(measuredTaskSchema),
  attempts: z.array(measuredAttemptSchema),
  acts: z.array(actSchema),
  recoveries: z.array(recoverySchema),
  throughput: z.object({
    streams: z.array(streamThroughputSchema),
    messagesPerSecond: perSecond,
    tasksPerSecond: perSecond,
    workflowsPerSecond: perSecond,
    series: z.array(loadPointSchema),
  }),
  completion: z.object({
    workflows: z.int().nonnegative(),
    succeeded: z.int().nonnegative(),
    /** Of those that ended, the part that succeeded; null if none ended. */
    rate: z.number().min(0).max(1).nullable(),
  }),
  concurrency: z.object({ mostRunning: z.int().nonnegative(), mostWorkflows: z.int().nonnegative() }),
  /** From ready to running, and running, in milliseconds. */
  queueingMs: distributionSchema,
  runningMs: distributionSchema,
  /** From the act until the task ran elsewhere. */
  recoveryMs: z.object({ crash: distributionSchema, freeze: distributionSchema, isolate: distributionSchema }),
  groups: z.array(groupMeasureSchema),
  processes: z.array(processMeasureSchema),
  invariants: z.array(invariantSchema),
  targets: z.array(targetVerdictSchema),
  /**
   * How many workflows and tasks the window had, and how many of them are in this measurement one by one. If fewer, these are
   * a sample: rates, completion and concurrency are of all, everything else is of the sample.
   */
  coverage: z.object({ workflows: coverageSchema, tasks: coverageSchema }),
  /** What could not be measured, and why, each a sentence. */
  absent: z.array(z.string()),
});
export type Measurement = z.infer<typeof measurementSchema>;
