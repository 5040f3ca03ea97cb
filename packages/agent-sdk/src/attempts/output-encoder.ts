import { API_LIMITS, INLINE_OUTPUT_LIMIT_BYTES, type ArtifactReference, type Outcome } from "@agent-hive/contracts";
import { TerminalError } from "@agent-hive/domain";
import type { Attempt } from "./attempt.js";
import { encodeJson } from "./outcome.js";

/** Keeps what is too large to travel in a message. */
export interface ArtifactStore {
  putArtifact(bytes: Buffer, signal: AbortSignal): Promise<ArtifactReference>;
}

/** Turns what a handler returned into an outcome: within the result if it is small, else stored and referred to. */
export class OutputEncoder {
  constructor(private readonly artifacts: ArtifactStore) {}

  /**
   * @throws TerminalError `OUTPUT_NOT_JSON` or `OUTPUT_TOO_LARGE`.
   * @throws TransientError if a large output could not be stored.
   */
  encode(output: unknown, attempt: Attempt): Outcome | Promise<Outcome> {
    const text = encodeJson(output, `output of handler "${attempt.task.handler}"`);
    if (text === undefined) return { status: "succeeded" };
    // A character takes three bytes at most, so that a short text need not be measured.
    if (text.length * 3 <= INLINE_OUTPUT_LIMIT_BYTES) return { status: "succeeded", output };
    const bytes = Buffer.from(text);
    if (bytes.byteLength <= INLINE_OUTPUT_LIMIT_BYTES) return { status: "succeeded", output };
    return this.store(bytes, attempt);
  }

  private async store(bytes: Buffer, attempt: Attempt): Promise<Outcome> {
    if (bytes.byteLength > API_LIMITS.artifactBytes) {
      throw new TerminalError(
        "OUTPUT_TOO_LARGE",
        `The output of handler "${attempt.task.handler}" has ${bytes.byteLength} bytes of JSON; the limit is ${API_LIMITS.artifactBytes}.`,
      );
    }
    return { status: "succeeded", artifact: await this.artifacts.putArtifact(bytes, attempt.signal) };
  }
}
