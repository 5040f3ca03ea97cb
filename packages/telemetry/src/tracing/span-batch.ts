/** Most of what a batch of ordinary spans takes: one has 850 bytes. */
const USUAL_BYTES = 1024 * 1024;
/** UTF-8 needs no more for one unit of a string. */
const MOST_BYTES_A_UNIT = 3;
const COMMA = ",".charCodeAt(0);

/**
 * Spans on their way, as bytes outside of the heap. Kept as strings for the tenth of a second that they wait, they outlived the
 * young generation: in a burst a third of the router's time went into collecting them. Use it again when it was sent: what is
 * outside of the heap makes the collector run, too.
 */
export class SpanBatch {
  private readonly buffer: Buffer;
  private length = 0;
  private spans = 0;

  /** @param atLeast bytes that it must have room for. */
  constructor(atLeast = 0) {
    this.buffer = Buffer.allocUnsafeSlow(Math.max(USUAL_BYTES, atLeast));
  }

  /** How much room a span may take. */
  static roomFor(span: string): number {
    return span.length * MOST_BYTES_A_UNIT + 1;
  }

  get size(): number {
    return this.spans;
  }

  /** All of them, separated by commas. */
  get bytes(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  /** Whether it is worth being used again: not what one huge span needed. */
  get isUsual(): boolean {
    return this.buffer.length === USUAL_BYTES;
  }

  clear(): void {
    this.length = 0;
    this.spans = 0;
  }

  /** @returns false if there is no room for it. */
  add(span: string): boolean {
    if (this.length + SpanBatch.roomFor(span) > this.buffer.length) return false;
    if (this.spans > 0) this.buffer[this.length++] = COMMA;
    this.length += this.buffer.write(span, this.length);
    this.spans += 1;
    return true;
  }
}
