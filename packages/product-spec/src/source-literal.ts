const WIDTH = 120;
const IDENTIFIER = /^[A-Za-z_$][\w$]*$/;

interface LiteralOptions {
  /** Quote every key and leave out trailing commas. Default false: a JavaScript literal. */
  json?: boolean;
  /** Columns that the literal already stands in. Default 0. */
  indent?: number;
  /** Characters before it on its first line, and after it on its last. Default 0. */
  reserved?: number;
}

/**
 * Writes a JSON value as a person would in source: on one line where it fits, else one entry a line.
 * Objects inside lists of several, and everything that holds such, are spread out.
 */
export function sourceLiteral(value: unknown, options: LiteralOptions = {}): string {
  const { json = false, indent = 0, reserved = 0 } = options;
  const flat = isSpread(value) ? undefined : flatLiteral(value, json);
  if (flat !== undefined && indent + reserved + flat.length <= WIDTH) return flat;
  const entries = entriesOf(value, json);
  if (entries === undefined) return flat ?? scalarLiteral(value, json);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const inner = " ".repeat(indent + 2);
  const lines = entries.map(
    ({ key, item }) => inner + key + sourceLiteral(item, { json, indent: indent + 2, reserved: key.length + 1 }),
  );
  return `${open}\n${lines.join(",\n")}${json ? "" : ","}\n${" ".repeat(indent)}${close}`;
}

function entriesOf(value: unknown, json: boolean): { key: string; item: unknown }[] | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value)) return value.map((item: unknown) => ({ key: "", item }));
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([key, item]) => ({ key: `${json || !IDENTIFIER.test(key) ? JSON.stringify(key) : key}: `, item }));
}

function scalarLiteral(value: unknown, json: boolean): string {
  const text = JSON.stringify(value) ?? "null";
  const isBetterInSingleQuotes = typeof value === "string" && value.split('"').length > value.split("'").length;
  if (json || !isBetterInSingleQuotes) return text;
  return `'${text.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}

function flatLiteral(value: unknown, json: boolean): string {
  const entries = entriesOf(value, json);
  if (entries === undefined) return scalarLiteral(value, json);
  const inside = entries.map(({ key, item }) => key + flatLiteral(item, json)).join(", ");
  if (Array.isArray(value)) return `[${inside}]`;
  return inside === "" ? "{}" : `{ ${inside} }`;
}

/** Prettier keeps lists of several objects one a line, whatever their length. */
function isSpread(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const items = Object.values(value);
  const isListOfObjects =
    Array.isArray(value) &&
    items.length > 1 &&
    items.every((item) => typeof item === "object" && item !== null && Object.keys(item).length > 1);
  return isListOfObjects || items.some(isSpread);
}
