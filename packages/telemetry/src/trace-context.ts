import { randomBytes } from "node:crypto";

/** `00-<trace id>-<span id>-<flags>`: W3C Trace Context, level 1, version 00. */
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const SAMPLED = "01";
const SPAN_ID_BYTES = 8;

// Ids are cut from a block of random bytes: one call of the generator serves many messages.
const BLOCK_BYTES = 4096;
let block = "";
let used = 0;

function randomHex(bytes: number): string {
  if (used + bytes * 2 > block.length) {
    block = randomBytes(BLOCK_BYTES).toString("hex");
    used = 0;
  }
  const text = block.slice(used, used + bytes * 2);
  used += bytes * 2;
  return text;
}

/** The context of a new trace, sampled. */
export function newTraceparent(): string {
  return `00-${randomHex(16)}-${randomHex(SPAN_ID_BYTES)}-${SAMPLED}`;
}

/** A context in the same trace with a span id of its own; of a new trace if the parent is none. */
export function childTraceparent(parent: string): string {
  const match = TRACEPARENT.exec(parent);
  return match ? `00-${match[1]}-${randomHex(SPAN_ID_BYTES)}-${match[3]}` : newTraceparent();
}

/** Whether the text is a valid traceparent: version 00, neither id all zeros. */
export function isTraceparent(text: string): boolean {
  const match = TRACEPARENT.exec(text);
  return match !== null && !/^0+$/.test(match[1]!) && !/^0+$/.test(match[2]!);
}
