import { measurementSchema, type Measurement } from "@agent-hive/measurement";
import { z } from "zod";
import type { DemonstrationFile } from "./demonstration-file.js";
import { described } from "./described.js";
import { reasonOf, type DemonstrationOutcome } from "./outcome.js";
import { count, reasonField, recoverySchema, windowField } from "./parts.js";

const measuredGroup = measurementSchema.shape.groups.element;

const consumerSchema = described(measuredGroup.shape.consumers.element, {
  agentId: "The agent; its incarnation if no name of it is recorded.",
  incarnation: "One life of its process; one that was killed has another one after it.",
  recorded: "Results of it that were recorded.",
  share: "Of all that its group recorded, from 0 to 1.",
  lost: "Deliveries that were lost with it.",
});

const groupFields = described(measuredGroup.extend({ consumers: z.array(consumerSchema) }), {
  group: "The consumer group.",
  agentType: "The type of its agents.",
  stream: "The stream that it reads.",
  slots: "Tasks that its consumers can run at a time, all together.",
  length: "Entries in the stream at the end of the window.",
  pending: "Those that were delivered and not yet acknowledged.",
  lag: "Those that were not yet delivered; null if Redis did not know.",
  consumers: "Everyone who was a consumer in the window, also the dead.",
});

const groupSchema = groupFields.extend({
  atWork: count.describe("Consumers that got a result recorded."),
  recorded: count.describe("Results recorded, of all its consumers."),
  deliveriesLost: count.describe("Deliveries that were lost with a consumer, of all its consumers."),
  recoveries: z.array(recoverySchema).describe("What became of the tasks whose process was struck."),
});
type GroupMetrics = z.infer<typeof groupSchema>;

const metricsSchema = z.object({
  version: z.literal(1).describe("Version of this file's form."),
  reason: reasonField,
  window: windowField,
  groups: z.array(groupSchema).describe("Every consumer group of agents."),
});
export type ConsumerGroupMetrics = z.infer<typeof metricsSchema>;

/** `consumer_group_metrics.json`. */
export const groupsFile: DemonstrationFile<ConsumerGroupMetrics> = {
  name: "consumer_group_metrics.json",
  holds: "Every consumer group: who did how much, what waits, what was lost with a consumer and who took it over.",
  schema: metricsSchema,
  make: consumerGroupMetrics,
};

function consumerGroupMetrics(outcome: DemonstrationOutcome): ConsumerGroupMetrics {
  const { measurement } = outcome;
  return {
    version: 1,
    reason: reasonOf(outcome),
    window: measurement?.window ?? null,
    groups: measurement?.groups.map((group) => metricsOf(group, measurement)) ?? [],
  };
}

function metricsOf(group: Measurement["groups"][number], { recoveries }: Measurement): GroupMetrics {
  return {
    ...group,
    atWork: group.consumers.filter(({ recorded }) => recorded > 0).length,
    recorded: sum(group.consumers.map(({ recorded }) => recorded)),
    deliveriesLost: sum(group.consumers.map(({ lost }) => lost)),
    recoveries: recoveries.filter((recovery) => recovery.group === group.group),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
