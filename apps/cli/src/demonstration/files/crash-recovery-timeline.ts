import { actSchema, type Act, type Measurement, type Recovery } from "@agent-hive/measurement";
import { z } from "zod";
import type { DemonstrationFile } from "./demonstration-file.js";
import { described } from "./described.js";
import { reasonOf, type DemonstrationOutcome } from "./outcome.js";
import { instant, milliseconds, reasonField, windowField } from "./parts.js";
import { sentenceOfAct, sentenceOfStep, STEPS } from "./timeline-sentences.js";
import { knownSpans, type KnownSpans } from "./trace/span-ids.js";

const deliverySchema = described(actSchema.shape.held.element, {
  workflowId: "Its workflow.",
  taskId: "Its task.",
  attempt: "Its attempt.",
});

const spanSchema = z.object({
  traceId: z.string().describe("The trace of the workflow."),
  spanId: z.string().describe("The span of the task."),
});

const consequenceSchema = z.object({
  step: z.enum(STEPS).describe("What happened."),
  atMs: instant.nullable().describe("When; null for a refusal of which only the fact is known."),
  sinceActMs: milliseconds.nullable().describe("How long after the act."),
  task: deliverySchema.describe("The delivery that the struck process held."),
  by: z.string().nullable().describe("The agent that did it; null if nobody is recorded."),
  span: spanSchema.nullable().describe("Its task in workflow_execution_trace.json; null if it is not there."),
  sentence: z.string().describe("The same for people."),
});
type Consequence = z.infer<typeof consequenceSchema>;

const actFields = described(actSchema.extend({ held: z.array(deliverySchema) }), {
  kind: "What was done: killed (crash), stopped (freeze) or cut off from the network (isolate).",
  agentId: "The agent that was struck.",
  incarnation: "The life of it that was struck.",
  agentType: "Its type.",
  group: "Its consumer group.",
  atMs: "When, by the clock of who struck it.",
  held: "The deliveries that it held then, as told by who struck it.",
});

const timelineActSchema = actFields.extend({
  sinceStartMs: z.number().meta({ unit: "ms" }).describe("How long after the window began."),
  sentence: z.string().describe("The same for people."),
  isRecovered: z
    .boolean()
    .describe("Whether the result of every task that it held was recorded. True if it held none."),
  consequences: z.array(consequenceSchema).describe("What came of it, in the order of time."),
});

const timelineSchema = z.object({
  version: z.literal(1).describe("Version of this file's form."),
  reason: reasonField,
  window: windowField,
  acts: z.array(timelineActSchema).describe("Everything that was done to a process, in the order of time."),
});
export type CrashRecoveryTimeline = z.infer<typeof timelineSchema>;

/** `crash_recovery_timeline.json`. */
export const timelineFile: DemonstrationFile<CrashRecoveryTimeline> = {
  name: "crash_recovery_timeline.json",
  holds: "Every kill and freeze in the order of time, each with what came of it and when.",
  schema: timelineSchema,
  make: crashRecoveryTimeline,
};

function crashRecoveryTimeline(outcome: DemonstrationOutcome): CrashRecoveryTimeline {
  const { measurement, events } = outcome;
  return {
    version: 1,
    reason: reasonOf(outcome),
    window: measurement?.window ?? null,
    acts: measurement === null ? [] : actsOf(measurement, events),
  };
}

function actsOf(measurement: Measurement, events: DemonstrationOutcome["events"]): CrashRecoveryTimeline["acts"] {
  const recoveries = Map.groupBy(measurement.recoveries, blowOf);
  const spans = knownSpans(measurement);
  const refusals = new Refusals(measurement, events);
  return measurement.acts
    .toSorted((one, other) => one.atMs - other.atMs)
    .map((act) => {
      const its = recoveries.get(blowOf(act)) ?? [];
      return {
        ...act,
        sinceStartMs: act.atMs - measurement.window.fromMs,
        sentence: sentenceOfAct(act, its),
        isRecovered: its.every(({ recordedMs }) => recordedMs !== null),
        consequences: its
          .flatMap((recovery) => consequencesOf(recovery, refusals, spans))
          .sort((one, other) => (one.atMs ?? Infinity) - (other.atMs ?? Infinity) || 0),
      };
    });
}

/** One act: a process can be frozen more than once in its life. */
const blowOf = ({ kind, incarnation, atMs }: Pick<Act, "kind" | "incarnation" | "atMs">): string =>
  `${kind} ${incarnation} ${atMs}`;

function consequencesOf(recovery: Recovery, refusals: Refusals, spans: KnownSpans): Consequence[] {
  const { workflowId, taskId, attempt, recoveredBy } = recovery;
  const told = (step: Consequence["step"], sinceActMs: number | null, by: string | null): Consequence => ({
    step,
    atMs: sinceActMs === null ? null : recovery.atMs + sinceActMs,
    sinceActMs,
    task: { workflowId, taskId, attempt },
    by,
    span: spans.ofTask(workflowId, taskId),
    sentence: sentenceOfStep(step, recovery, sinceActMs),
  });
  const steps = [
    told("noticed", recovery.noticedMs, null),
    told("claimed", recovery.claimedMs, null),
    told("running", recovery.runningMs, recoveredBy),
    told("recorded", recovery.recordedMs, null),
  ];
  const fenced = refusals.of(recovery).map((sinceMs) => told("late result fenced", sinceMs, recovery.agentId));
  // Of the four steps, one whose time is unknown is not known to have happened.
  return [...steps.filter(({ atMs }) => atMs !== null), ...fenced];
}

/** When late results were refused: as recorded, else as events tell, since Redis refuses most and records nothing. */
class Refusals {
  private readonly recorded: ReadonlyMap<string, Refusal[]>;
  private readonly told: ReadonlyMap<string, Refusal[]>;

  constructor({ attempts }: Measurement, events: DemonstrationOutcome["events"]) {
    this.recorded = byTask(
      attempts
        .filter(({ outcome }) => outcome === "fenced")
        .map((attempt) => ({ ...attempt, atMs: attempt.recordedAtMs })),
    );
    this.told = byTask(
      events.filter(({ type }) => type === "task.fenced").map((event) => ({ ...event, atMs: Date.parse(event.at) })),
    );
  }

  /** As many as the recovery counts, in milliseconds since the act; null for each of which no time is known. */
  of(recovery: Recovery): (number | null)[] {
    const recorded = timesOf(recovery, this.recorded);
    const told = timesOf(recovery, this.told);
    const known = recorded.length >= told.length ? recorded : told;
    return Array.from({ length: recovery.fenced }, (_, index) => known[index] ?? null);
  }
}

interface Refusal {
  workflowId?: string;
  taskId?: string;
  attempt?: number;
  agentId?: string | null;
  incarnation?: string | null;
  atMs: number;
}

const taskKey = ({ workflowId, taskId }: Pick<Refusal, "workflowId" | "taskId">): string => `${workflowId} ${taskId}`;

const byTask = (refused: readonly Refusal[]): Map<string, Refusal[]> => Map.groupBy(refused, taskKey);

/** A process that was given up wakes as another incarnation, and tells of the refusal as that: its agent's name is the same. */
function timesOf(recovery: Recovery, refusals: ReadonlyMap<string, Refusal[]>): number[] {
  const { agentId, incarnation, attempt, atMs } = recovery;
  return (refusals.get(taskKey(recovery)) ?? [])
    .filter(
      (refusal) => refusal.incarnation === incarnation || (refusal.agentId === agentId && refusal.attempt === attempt),
    )
    .map((refusal) => refusal.atMs - atMs)
    .filter((sinceMs) => sinceMs >= 0)
    .sort((one, other) => one - other);
}
