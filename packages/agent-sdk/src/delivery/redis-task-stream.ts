import { MESSAGE_VERSION, type CheckpointPayload } from "@agent-hive/contracts";
import type { AgentGroupAddress, HiveMember, RedisStreamsManager } from "@agent-hive/streams";
import type { Delivery } from "./delivery.js";
import type { BeginReply, DeadLetter, Report, TaskStream } from "./task-stream.js";

/** A group's stream in Redis, on behalf of the member that this process is at the moment. */
export class RedisTaskStream implements TaskStream {
  constructor(
    private readonly manager: RedisStreamsManager,
    private readonly member: HiveMember,
    private readonly address: AgentGroupAddress,
  ) {}

  get name(): string {
    return this.address.stream;
  }

  begin(deliveries: readonly Delivery[], alone: boolean): Promise<BeginReply[]> {
    const tasks = deliveries.map((delivery) => ({ ...placeOf(delivery), alone }));
    return this.manager.beginTasks(this.member.identity, { ...this.address, tasks, startedAtMs: Date.now() });
  }

  complete(reports: readonly Report[]): Promise<("completed" | "lost")[]> {
    const results = reports.map(({ delivery, payload, traceparent }) => ({
      ...placeOf(delivery),
      payload,
      traceparent,
      ...stateOf(delivery),
    }));
    return this.manager.completeTasks(this.member.identity, { ...this.address, results });
  }

  async deadLetter({ entryId, envelope, payload }: DeadLetter): Promise<"dead-lettered" | "stale" | "lost"> {
    const { agentType, taskKey, attempt, traceparent, tracestate } = envelope ?? {};
    const letter = { entryId, payload: JSON.stringify(payload), agentType, taskKey, attempt, traceparent, tracestate };
    const [outcome] = await this.manager.deadLetterEntries(this.member.identity, {
      ...this.address,
      entries: [letter],
    });
    return outcome!;
  }

  saveCheckpoint(delivery: Delivery, sequence: number, data: string): Promise<"saved" | "lost"> {
    const { workflowId, position, envelope } = delivery;
    const payload: CheckpointPayload = {
      version: MESSAGE_VERSION,
      workflowId,
      position,
      attempt: envelope.attempt,
      sequence,
      data: JSON.parse(data) as unknown,
    };
    return this.manager.saveCheckpoint(this.member.identity, {
      ...this.address,
      ...placeOf(delivery),
      sequence,
      data,
      payload: JSON.stringify(payload),
      traceparent: envelope.traceparent,
      ...stateOf(delivery),
    });
  }
}

const placeOf = ({ entryId, envelope }: Delivery) => ({
  entryId,
  taskKey: envelope.taskKey,
  attempt: envelope.attempt,
});

const stateOf = ({ envelope }: Delivery) =>
  envelope.tracestate === undefined ? {} : { tracestate: envelope.tracestate };
