import { MESSAGE_VERSION, type CheckpointPayload } from "@agent-hive/contracts";
import type { AgentGroupAddress, HiveMember, RedisStreamsManager } from "@agent-hive/streams";
import { childTraceparent, wallClockMs } from "@agent-hive/telemetry";
import type { DeliverySpans } from "../tracing/delivery-spans.js";
import type { Delivery } from "./delivery.js";
import type { BeginReply, DeadLetter, Report, TaskStream } from "./task-stream.js";

/** A group's stream in Redis, on behalf of the member that this process is at the moment. */
export class RedisTaskStream implements TaskStream {
  constructor(
    private readonly manager: RedisStreamsManager,
    private readonly member: HiveMember,
    private readonly address: AgentGroupAddress,
    private readonly spans: DeliverySpans,
  ) {}

  get name(): string {
    return this.address.stream;
  }

  begin(deliveries: readonly Delivery[], alone: boolean): Promise<BeginReply[]> {
    const tasks = deliveries.map((delivery) => ({ ...placeOf(delivery), alone }));
    return this.manager.beginTasks(this.member.identity, { ...this.address, tasks, startedAtMs: Date.now() });
  }

  async complete(reports: readonly Report[]): Promise<("completed" | "lost")[]> {
    const startMs = wallClockMs();
    const results = reports.map(({ delivery, payload, traceparent }) => ({
      ...placeOf(delivery),
      payload,
      traceparent,
      ...stateOf(delivery),
    }));
    const outcomes = await this.manager.completeTasks(this.member.identity, { ...this.address, results });
    this.spans.reported(reports, outcomes, startMs);
    return outcomes;
  }

  async deadLetter({ entryId, delivery, envelope, payload }: DeadLetter): Promise<"dead-lettered" | "stale" | "lost"> {
    const startMs = wallClockMs();
    const { agentType, taskKey, attempt, tracestate } = envelope ?? {};
    const traceparent = envelope && childTraceparent(envelope.traceparent);
    const letter = { entryId, payload: JSON.stringify(payload), agentType, taskKey, attempt, traceparent, tracestate };
    const [outcome] = await this.manager.deadLetterEntries(this.member.identity, {
      ...this.address,
      entries: [letter],
    });
    if (outcome === "dead-lettered" && delivery) {
      this.spans.deadLettered(delivery, payload.reason, traceparent!, startMs);
    }
    return outcome!;
  }

  async saveCheckpoint(delivery: Delivery, sequence: number, data: string): Promise<"saved" | "lost"> {
    const startMs = wallClockMs();
    const { workflowId, position, envelope } = delivery;
    const traceparent = childTraceparent(envelope.traceparent);
    const payload: CheckpointPayload = {
      version: MESSAGE_VERSION,
      workflowId,
      position,
      attempt: envelope.attempt,
      sequence,
      data: JSON.parse(data) as unknown,
    };
    const outcome = await this.manager.saveCheckpoint(this.member.identity, {
      ...this.address,
      ...placeOf(delivery),
      sequence,
      data,
      payload: JSON.stringify(payload),
      traceparent,
      ...stateOf(delivery),
    });
    if (outcome === "saved") this.spans.checkpointed(delivery, traceparent, startMs);
    return outcome;
  }
}

const placeOf = ({ entryId, envelope }: Delivery) => ({
  entryId,
  taskKey: envelope.taskKey,
  attempt: envelope.attempt,
});

const stateOf = ({ envelope }: Delivery) =>
  envelope.tracestate === undefined ? {} : { tracestate: envelope.tracestate };
