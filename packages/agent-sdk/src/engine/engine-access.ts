import { HiveApiError, type HiveClient } from "@agent-hive/client";
import type { ArtifactReference } from "@agent-hive/contracts";
import { TerminalError, TransientError, toError } from "@agent-hive/domain";
import type { ArtifactStore } from "../attempts/output-encoder.js";
import { backoffMs, pause } from "../backoff.js";

/** Refusals that another moment may lift; any other 4xx is an answer. */
const PASSING_STATUSES = new Set([408, 425, 429]);

/**
 * What attempts ask of the workflow engine. An engine that is away for a while is no reason to fail an attempt: it is
 * asked again until the attempt's own signal ends the waiting.
 */
export class EngineAccess implements ArtifactStore {
  constructor(private readonly client: Pick<HiveClient, "output" | "putArtifact">) {}

  /**
   * @throws TerminalError if the engine refuses, e.g. because there is no such output.
   * @throws TransientError if it stayed out of reach until the signal was aborted.
   */
  outputOf(workflowId: string, taskId: string, signal: AbortSignal): Promise<unknown> {
    return this.ask(`the output of task "${taskId}"`, signal, () => this.client.output(workflowId, taskId, { signal }));
  }

  /** @throws as `outputOf`. */
  putArtifact(bytes: Buffer, signal: AbortSignal): Promise<ArtifactReference> {
    return this.ask(`storing an output of ${bytes.byteLength} bytes`, signal, () =>
      this.client.putArtifact(bytes, { signal }),
    );
  }

  private async ask<T>(what: string, signal: AbortSignal, request: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await request();
      } catch (thrown) {
        const refusal = refusalOf(thrown, what);
        if (refusal) throw refusal;
        await pause(waitMs(thrown, tries), signal);
        if (signal.aborted) throw unreachable(what, tries, thrown);
      }
    }
  }
}

function refusalOf(thrown: unknown, what: string): TerminalError | undefined {
  if (!(thrown instanceof HiveApiError) || thrown.status >= 500 || PASSING_STATUSES.has(thrown.status))
    return undefined;
  return new TerminalError("ENGINE_REFUSED", `The engine refused ${what}: ${thrown.message}`, {
    details: { status: thrown.status, code: thrown.problem.code },
    cause: thrown,
  });
}

function waitMs(thrown: unknown, tries: number): number {
  const askedFor = thrown instanceof HiveApiError ? (thrown.retryAfterMs ?? 0) : 0;
  return Math.max(askedFor, backoffMs(tries));
}

function unreachable(what: string, tries: number, cause: unknown): TransientError {
  return new TransientError(
    "ENGINE_UNREACHABLE",
    `The engine was asked ${tries} times for ${what} and did not answer: ${toError(cause).message}`,
    { cause },
  );
}
