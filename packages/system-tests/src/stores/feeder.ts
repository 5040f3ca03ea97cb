import { setTimeout as delay } from "node:timers/promises";
import type { HiveClient } from "@agent-hive/client";
import type { WorkflowDefinitionInput } from "@agent-hive/contracts";

const AGAIN_MS = 100;

/** Keeps a hive at work: submits a workflow at an interval, each until it is accepted, once, whatever is away meanwhile. */
export class Feeder {
  /** Workflows that were accepted, as their answers said. */
  readonly accepted = new Set<string>();
  /** Tasks in them. */
  tasks = 0;
  private readonly stopping = new AbortController();
  private feeding: Promise<void> = Promise.resolve();

  /**
   * @param name makes the idempotency keys; no two feeders of one hive share it.
   * @param definition of the next workflow.
   */
  constructor(
    private readonly client: HiveClient,
    private readonly name: string,
    private readonly definition: () => WorkflowDefinitionInput,
    private readonly everyMs: number,
  ) {}

  start(): void {
    this.feeding = this.feed();
  }

  /** Resolves when the last one has been accepted. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.feeding;
  }

  private async feed(): Promise<void> {
    const { signal } = this.stopping;
    for (let number = 1; !signal.aborted; number++) {
      const definition = this.definition();
      this.accepted.add(await this.submit(definition, `${this.name}-${number}`));
      this.tasks += definition.tasks?.length ?? 0;
      await delay(this.everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async submit(definition: WorkflowDefinitionInput, idempotencyKey: string): Promise<string> {
    for (;;) {
      try {
        return (await this.client.submit(definition, { idempotencyKey })).id;
      } catch {
        await delay(AGAIN_MS);
      }
    }
  }
}
