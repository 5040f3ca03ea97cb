/**
 * Reads JSON that came from outside, more strictly than JSON itself asks: what would be changed silently, or would end
 * the process later, is refused here.
 */
import { isUtf8 } from "node:buffer";
import { parse } from "secure-json-parse";
import { API_LIMITS } from "@agent-hive/contracts";

/** Why text is not accepted as JSON, as a sentence with the way out. */
export class UnreadableJsonError extends Error {
  override readonly name = "UnreadableJsonError";
}

/** @throws UnreadableJsonError. */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw new UnreadableJsonError("It is empty. Send JSON.");
  if (!isUtf8(bytes)) throw new UnreadableJsonError("It is not UTF-8. Send JSON in UTF-8.");
  inspect(bytes);
  try {
    return parse(bytes.toString(), undefined, { protoAction: "error", constructorAction: "error" });
  } catch (error) {
    const { message } = error as Error;
    // That is the library's own message; all others are JSON.parse's.
    if (!message.startsWith("Object contains forbidden")) throw new UnreadableJsonError(`It is not JSON: ${message}.`);
    throw new UnreadableJsonError('It holds a forbidden name: "__proto__", or "constructor" with a prototype.');
  }
}

const [QUOTE, BACKSLASH] = Buffer.from('"\\') as unknown as [number, number];
const OPENING = new Set(Buffer.from("[{"));
const CLOSING = new Set(Buffer.from("]}"));
/** Numbers up to so many digits are exact. */
const EXACT_DIGITS = 15;
const LONGEST_SHOWN = 40;

/**
 * Looks once through the text, before anything is made of it. What JSON.parse nests, nobody else can write again from
 * some depth on; and it rounds large numbers without a word, so that an id would come back as another one.
 */
function inspect(bytes: Buffer): void {
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) at = endOfString(bytes, at);
    else if (OPENING.has(byte)) refuseDepth(++depth, bytes, at);
    else if (CLOSING.has(byte)) depth--;
    else if (isDigit(byte)) at = endOfNumber(bytes, at);
  }
}

function refuseDepth(depth: number, bytes: Buffer, at: number): void {
  if (depth <= API_LIMITS.jsonDepth) return;
  const message = `It is nested deeper than ${API_LIMITS.jsonDepth} levels ${placeOf(bytes, at)}. Flatten it.`;
  throw new UnreadableJsonError(message);
}

/** Position of the closing quote, or the end. */
function endOfString(bytes: Buffer, start: number): number {
  for (let at = bytes.indexOf(QUOTE, start + 1); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) {
    let backslashes = 0;
    while (bytes[at - 1 - backslashes] === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return bytes.length;
}

/** Position of the last character of a number. */
function endOfNumber(bytes: Buffer, start: number): number {
  let end = start;
  let isLarge = false;
  while (isOfNumber(bytes[end + 1]!)) {
    end++;
    isLarge ||= bytes[end] === 0x65 || bytes[end] === 0x45;
  }
  if (!isLarge && end - start < EXACT_DIGITS) return end;
  const number = bytes.toString("latin1", start, end + 1);
  const value = Number(number);
  // Fractions are never exact, and nobody expects it of them.
  const isKept = /^\d+$/.test(number) ? Number.isSafeInteger(value) : value !== Infinity;
  if (isKept) return end;
  const shown = number.length > LONGEST_SHOWN ? `${number.slice(0, LONGEST_SHOWN)}…` : number;
  const message = `The number ${shown} ${placeOf(bytes, start)} cannot be kept exactly (2^53 - 1 is the largest). Write it as a string.`;
  throw new UnreadableJsonError(message);
}

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;
const NUMBER_SIGNS = new Set(Buffer.from(".eE+-"));
const isOfNumber = (byte: number): boolean => isDigit(byte) || NUMBER_SIGNS.has(byte);

function placeOf(bytes: Buffer, at: number): string {
  const before = bytes.toString("latin1", 0, at).split("\n");
  return `(line ${before.length} column ${before.at(-1)!.length + 1})`;
}
