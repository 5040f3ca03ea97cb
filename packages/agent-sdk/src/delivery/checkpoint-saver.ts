import { LeaseLostError } from "@agent-hive/domain";
import { crashPoint } from "@agent-hive/proof";
import type { Logger } from "@agent-hive/telemetry";
import type { Attempt } from "../attempts/attempt.js";
import type { TaskStream } from "./task-stream.js";
import { untilAnswered } from "./until-answered.js";

/** Saves what running attempts want kept. */
export class CheckpointSaver {
  constructor(
    private readonly stream: Pick<TaskStream, "saveCheckpoint">,
    private readonly logger: Logger,
  ) {}

  /**
   * Resolves once Redis has it. Of checkpoints saved at the same time the one asked for last stays.
   *
   * @throws LeaseLostError if the attempt belongs to another process; the attempt is stopped then.
   * @throws the reason of the attempt's signal if that is aborted first.
   */
  async save(attempt: Attempt, json: string): Promise<void> {
    const { delivery, signal } = attempt;
    const sequence = ++attempt.checkpointSequence;
    const answer = await untilAnswered("saving a checkpoint", signal, this.logger, () =>
      this.stream.saveCheckpoint(delivery, sequence, json),
    );
    crashPoint("checkpoint.saved");
    if (answer === "saved") return;
    signal.throwIfAborted();
    const { taskId, attempt: number } = attempt.task;
    const reason = new LeaseLostError(
      "LEASE_LOST",
      `Attempt ${number} of task "${taskId}" belongs to another agent now.`,
    );
    attempt.stop(reason);
    throw reason;
  }
}
