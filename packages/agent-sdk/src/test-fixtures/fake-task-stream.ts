import { parsePayload, resultPayloadSchema, type Outcome } from "@agent-hive/contracts";
import type { Delivery } from "../delivery/delivery.js";
import type { BeginReply, DeadLetter, Report, TaskStream } from "../delivery/task-stream.js";

/** A stream in memory that owns up to everything, unless a test says otherwise. */
export class FakeTaskStream implements TaskStream {
  readonly name = "agent_messages:backend";
  /** In the order in which they were begun: the task ids of each call, and whether they were said to be alone. */
  readonly begun: { tasks: string[]; alone: boolean }[] = [];
  readonly completions: Report[][] = [];
  readonly letters: DeadLetter[] = [];
  readonly checkpoints: { sequence: number; data: string }[] = [];
  /** What the next calls fail with. */
  failures: Error[] = [];
  onBegin: (delivery: Delivery) => BeginReply = () => ({ status: "begun", crashes: 0, crashesAlone: 0 });
  onComplete: (delivery: Delivery) => "completed" | "lost" = () => "completed";

  async begin(deliveries: readonly Delivery[], alone: boolean): Promise<BeginReply[]> {
    this.mayFail();
    this.begun.push({ tasks: deliveries.map(({ payload }) => payload.taskId), alone });
    return deliveries.map((delivery) => this.onBegin(delivery));
  }

  async complete(reports: readonly Report[]): Promise<("completed" | "lost")[]> {
    this.mayFail();
    this.completions.push([...reports]);
    return reports.map(({ delivery }) => this.onComplete(delivery));
  }

  async deadLetter(letter: DeadLetter): Promise<"dead-lettered"> {
    this.mayFail();
    this.letters.push(letter);
    return "dead-lettered";
  }

  async saveCheckpoint(_: Delivery, sequence: number, data: string): Promise<"saved" | "lost"> {
    this.mayFail();
    this.checkpoints.push({ sequence, data });
    return "saved";
  }

  /** All reported outcomes by task id, parsed by the contract. */
  outcomes(): Record<string, Outcome> {
    return Object.fromEntries(
      this.completions.flat().map(({ delivery, payload }) => {
        const parsed = parsePayload(resultPayloadSchema, payload);
        if (!parsed.ok) throw new Error(parsed.reason);
        return [delivery.payload.taskId, parsed.value.outcome];
      }),
    );
  }

  private mayFail(): void {
    const failure = this.failures.shift();
    if (failure) throw failure;
  }
}
