const SECOND_MS = 1000;
const MEBIBYTE = 1024 * 1024;

/** Characters as a reader counts them. */
const CHARACTERS = new Intl.Segmenter("en");

/** What stands where nothing was measured. */
const UNKNOWN = "unknown";

/** A duration in milliseconds as a person reads it: `0.4 ms`, `142 ms`, `1.21 s`, `2 min 5 s`. */
export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return UNKNOWN;
  if (ms < 0) return `−${duration(-ms)}`;
  if (ms < 10) return `${trimmed(ms, 1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_995) return `${trimmed(ms / SECOND_MS, ms < 10_000 ? 2 : 1)} s`;
  const seconds = Math.round(ms / SECOND_MS);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Memory in megabytes of 1,048,576 bytes, as operating systems count it. */
export function megabytes(bytes: number): number {
  return Math.round(bytes / MEBIBYTE);
}

/** A number with thousands separated, and decimals only where they tell something. */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined) return UNKNOWN;
  const digits = Math.abs(value) < 10 ? 2 : Math.abs(value) < 1000 ? 1 : 0;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}

/** A measured value with its unit; durations and bytes in the unit that reads best. */
export function quantity(value: number | null, unit: string): string {
  if (value === null) return "–";
  if (unit === "ms") return duration(value);
  if (unit === "s") return duration(value * SECOND_MS);
  if (unit === "bytes") return `${number(megabytes(value))} MB`;
  if (unit === "1/s" || unit === "/s") return `${number(value)}/s`;
  return unit === "" ? number(value) : `${number(value)} ${unit}`;
}

/** A part from 0 to 1 in percent; only all of it is called 100 %. */
export function percent(share: number | null): string {
  if (share === null) return UNKNOWN;
  const rounded = Math.round(share * 1000) / 10;
  return `${share < 1 ? Math.min(rounded, 99.9) : rounded} %`;
}

/** `1 task`, `2 tasks`, `1,000 tasks`. */
export function count(many: number, one: string, more = `${one}s`): string {
  return `${number(many)} ${many === 1 ? one : more}`;
}

/** `a, b and c`. */
export function list(items: readonly string[]): string {
  return items.length < 2 ? (items[0] ?? "") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** A moment of the wall clock in UTC, to the second. */
export function moment(time: string | number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** How long after the origin something was, in seconds with three decimals: what a table's reader can subtract. */
export function offset(atMs: number | null, originMs: number): string {
  return atMs === null ? "–" : `${((atMs - originMs) / SECOND_MS).toFixed(3)} s`;
}

function trimmed(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

/** Longest text that fits a place of the given number of characters; what does not fit ends in an ellipsis. */
export function shortened(text: string, characters: number): string {
  const all = Array.from(CHARACTERS.segment(text), ({ segment }) => segment);
  return all.length <= characters ? text : `${all.slice(0, characters - 1).join("")}…`;
}
