import { Transform, type TransformCallback } from "node:stream";
import { ProblemError } from "@agent-hive/service-kit";

const RETRY_AFTER_SECONDS = 2;

/** Counts the bytes of all bodies that are being received or worked on, so that many large ones at once are bounded (keeps I9). */
export class HeldBodies {
  private held = 0;
  private readonly heldBy = new WeakMap<object, number>();

  /** @param limit bytes of all of them together. */
  constructor(private readonly limit: number) {}

  /** What a request's body is to go through. It fails with `TOO_BUSY` once there is no room. */
  counterOf(request: object): Transform {
    const hold = (bytes: number) => this.hold(request, bytes);
    return new Transform({
      transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback) {
        if (hold(chunk.length)) done(null, chunk);
        else done(tooBusy());
      },
    });
  }

  /** The request is answered. */
  release(request: object): void {
    this.held -= this.heldBy.get(request) ?? 0;
    this.heldBy.delete(request);
  }

  private hold(request: object, bytes: number): boolean {
    if (this.held + bytes > this.limit) return false;
    this.held += bytes;
    this.heldBy.set(request, (this.heldBy.get(request) ?? 0) + bytes);
    return true;
  }
}

function tooBusy(): ProblemError {
  const detail = "Too many large requests are being worked on. Try again later.";
  return new ProblemError("TOO_BUSY", detail, { retryAfterSeconds: RETRY_AFTER_SECONDS });
}
