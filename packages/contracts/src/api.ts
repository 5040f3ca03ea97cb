import {
  CAPABILITY_PATTERN,
  MAX_CAPABILITY_LENGTH,
  NOT_A_CAPABILITY,
  NOT_PRINTABLE,
  PRINTABLE_PATTERN,
} from "@agent-hive/domain";
import { z } from "zod";
import { artifactReferenceSchema, taskErrorSchema } from "./messages.js";

/** Limits of what the API accepts. Each is named in the error that refuses more. */
export const API_LIMITS = {
  /** Bytes of one request body, unpacked. */
  bodyBytes: 64 * 1024 * 1024,
  /** Bytes of all request bodies that are held at the same time. */
  allBodiesBytes: 256 * 1024 * 1024,
  /** How deep lists and objects of a JSON body may be nested. */
  jsonDepth: 100,
  /** Workflows of one batch submission. */
  workflowsPerRequest: 1000,
  tasksPerWorkflow: 100_000,
  /** Tasks and dependencies of all workflows of one batch submission: it is one transaction. */
  tasksPerRequest: 100_000,
  dependenciesPerRequest: 1_000_000,
  /** Bytes of JSON of a workflow's or a task's input: inputs travel in messages. */
  inputBytes: 64 * 1024,
  /** Bytes of one artifact. */
  artifactBytes: 16 * 1024 * 1024,
} as const;

const json = z.json();

/** A name for people: any script, nothing that cannot be seen. */
const printable = (max: number): z.ZodString => z.string().min(1).max(max).regex(PRINTABLE_PATTERN, NOT_PRINTABLE);

const capability = z.string().max(MAX_CAPABILITY_LENGTH).regex(CAPABILITY_PATTERN, NOT_A_CAPABILITY);

/** Retries: delays in milliseconds grow by `factor` from attempt to attempt, with jitter. */
export const retryPolicySchema = z.strictObject({
  maxAttempts: z.int().min(1).max(100).default(3),
  initialDelayMs: z.int().min(0).max(3_600_000).default(500),
  factor: z.number().min(1).max(10).default(2),
  maxDelayMs: z.int().min(0).max(86_400_000).default(60_000),
});

export const taskDefinitionSchema = z
  .strictObject({
    id: z.string().min(1).max(128),
    agentType: z.string().min(1).max(63),
    /** Which handler of the agent runs it; the task's id by default. */
    handler: capability.optional(),
    dependsOn: z.array(z.string().max(128)).max(API_LIMITS.tasksPerWorkflow).default([]),
    input: json.optional(),
    /** Further capabilities that the group must have. */
    requires: z.array(capability).max(16).default([]),
    /** How long one attempt may run. Default 600,000 (ten minutes). */
    timeoutMs: z
      .int()
      .min(1)
      .max(7 * 86_400_000)
      .default(600_000),
    retry: retryPolicySchema.prefault({}),
  })
  .meta({ id: "TaskDefinition" });
export type TaskDefinition = z.infer<typeof taskDefinitionSchema>;

const phaseItem: z.ZodType = z.json();

const definitionBase = {
  name: printable(200),
  /** Given to every task as `workflowInput`. */
  input: json.optional(),
  /** 0 (last) to 9 (first). */
  priority: z.int().min(0).max(9).default(5),
};

/** A DAG as written: a list of tasks, or the nested form by phases. */
export const workflowDefinitionSchema = z
  .strictObject({
    ...definitionBase,
    tasks: z.array(taskDefinitionSchema).min(1).max(API_LIMITS.tasksPerWorkflow).optional(),
    /** Each phase waits for the one before; lists and maps inside one run in parallel; a map's keys name agent types. */
    phases: z.record(z.string().min(1).max(128), phaseItem).optional(),
  })
  .refine((value) => (value.tasks === undefined) !== (value.phases === undefined), {
    error: 'must have either "tasks" or "phases"',
    path: ["tasks"],
  })
  .meta({ id: "WorkflowDefinition" });
export type WorkflowDefinition = z.infer<typeof workflowDefinitionSchema>;
/** As a client writes it: defaults may be left out. */
export type WorkflowDefinitionInput = z.input<typeof workflowDefinitionSchema>;

export const workflowBatchSchema = z.array(workflowDefinitionSchema).min(1).max(API_LIMITS.workflowsPerRequest);

export const WORKFLOW_STATES = ["running", "succeeded", "failed", "cancelled"] as const;
export type WorkflowState = (typeof WORKFLOW_STATES)[number];

export const TASK_STATES = [
  "waiting",
  "ready",
  "delayed",
  "dispatched",
  "succeeded",
  "failed",
  "cancelled",
  "dead",
] as const;
export type TaskState = (typeof TASK_STATES)[number];

const time = z.iso.datetime();

/** Tasks by what has become of them; total = succeeded + failed + cancelled + dead + live. */
export const taskCountsSchema = z.object({
  total: z.int(),
  succeeded: z.int(),
  failed: z.int(),
  cancelled: z.int(),
  dead: z.int(),
  live: z.int(),
});

export const workflowViewSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    state: z.enum(WORKFLOW_STATES),
    priority: z.int(),
    tasks: taskCountsSchema,
    /** Why it failed: the task and its error. */
    failure: z.object({ taskId: z.string(), error: taskErrorSchema }).nullable(),
    createdAt: time,
    finishedAt: time.nullable(),
    traceparent: z.string(),
    /** Where its trace can be looked at; left out if nobody said where, or it is not sampled. */
    traceUrl: z.url().optional(),
  })
  .meta({ id: "Workflow" });
export type WorkflowView = z.infer<typeof workflowViewSchema>;

/** What is answered to a submission: the workflow's id, and where to go on. */
export const submittedWorkflowSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    state: z.enum(WORKFLOW_STATES),
    /** Paths on the same host. */
    links: z.object({ self: z.string(), tasks: z.string(), events: z.string(), cancel: z.string() }),
  })
  .meta({ id: "SubmittedWorkflow" });
export type SubmittedWorkflow = z.infer<typeof submittedWorkflowSchema>;

export const workflowListSchema = z
  .object({ workflows: z.array(workflowViewSchema), next: z.string().nullable() })
  .meta({ id: "WorkflowList" });
export type WorkflowList = z.infer<typeof workflowListSchema>;

export const taskViewSchema = z
  .object({
    workflowId: z.uuid(),
    id: z.string(),
    position: z.int(),
    agentType: z.string(),
    handler: z.string(),
    state: z.enum(TASK_STATES),
    dependsOn: z.array(z.string()),
    openDependencies: z.int(),
    attempt: z.int(),
    crashes: z.int(),
    error: taskErrorSchema.nullable(),
    artifact: artifactReferenceSchema.nullable(),
    dispatchedAt: time.nullable(),
    dueAt: time.nullable(),
    finishedAt: time.nullable(),
  })
  .meta({ id: "Task" });
export type TaskView = z.infer<typeof taskViewSchema>;

export const ATTEMPT_OUTCOMES = [
  "succeeded",
  "failed",
  "timed-out",
  "dead-letter",
  "cancelled",
  "crashed",
  "frozen",
  "lost",
  "fenced",
] as const;

/** One line of a task's history: an attempt that ended, or a delivery that was lost with its process. */
export const attemptViewSchema = z
  .object({
    workflowId: z.uuid(),
    taskId: z.string(),
    attempt: z.int(),
    outcome: z.enum(ATTEMPT_OUTCOMES),
    agentType: z.string(),
    agentId: z.string().nullable(),
    incarnation: z.string().nullable(),
    entryId: z.string().nullable(),
    error: taskErrorSchema.nullable(),
    dispatchedAt: time.nullable(),
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
    runMs: z.number().nullable(),
    recordedAt: time,
  })
  .meta({ id: "Attempt" });
export type AttemptView = z.infer<typeof attemptViewSchema>;

export const deadLetterViewSchema = z
  .object({
    id: z.string(),
    reason: z.string(),
    message: z.string(),
    workflowId: z.uuid().nullable(),
    taskId: z.string().nullable(),
    attempt: z.int().nullable(),
    stream: z.string(),
    entryId: z.string(),
    fields: z.record(z.string(), z.string()),
    createdAt: time,
  })
  .meta({ id: "DeadLetter" });
export type DeadLetterView = z.infer<typeof deadLetterViewSchema>;

/** RFC 9457 problem details. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string(), code: z.string().optional() })).optional(),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof problemSchema>;

/** A group with its consumers, as the coordinator tells. */
export const groupViewSchema = z
  .object({
    group: z.string(),
    type: z.string(),
    agentType: z.string(),
    stream: z.string(),
    maxConsumers: z.int(),
    capabilities: z.array(z.string()),
    slots: z.int(),
    /** Entries in the stream: waiting or being worked on. */
    length: z.int(),
    /** Delivered and not yet acknowledged. */
    pending: z.int(),
    consumers: z.array(
      z.object({
        incarnation: z.string(),
        agentId: z.string(),
        pid: z.int(),
        host: z.string(),
        slots: z.int(),
        pending: z.int(),
        running: z.array(z.object({ taskKey: z.string(), attempt: z.int(), elapsedMs: z.number() })),
        state: z.enum(["live", "wedged"]),
        rssBytes: z.number().nullable(),
      }),
    ),
  })
  .meta({ id: "Group" });
export type GroupView = z.infer<typeof groupViewSchema>;
