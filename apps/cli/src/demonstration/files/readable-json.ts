const WIDTH = 160;
const STEP = "  ";

/**
 * JSON that people read too: what fits on a line stands on one, so that a list of small things is a table.
 *
 * @param value JSON; fields that are undefined are left out.
 */
export function readableJson(value: unknown): string {
  return `${render(value, "")}\n`;
}

function render(value: unknown, indent: string): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = indent + STEP;
  if (Array.isArray(value)) {
    const items = value.map((item) => render(item, inner));
    return fitting(`[${items.join(", ")}]`, indent) ?? `[\n${linesOf(items, inner)}\n${indent}]`;
  }
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([name, field]) => `${JSON.stringify(name)}: ${render(field, inner)}`);
  if (fields.length === 0) return "{}";
  return fitting(`{ ${fields.join(", ")} }`, indent) ?? `{\n${linesOf(fields, inner)}\n${indent}}`;
}

const linesOf = (parts: readonly string[], indent: string): string => parts.map((part) => indent + part).join(",\n");

function fitting(line: string, indent: string): string | undefined {
  return line.length + indent.length <= WIDTH && !line.includes("\n") ? line : undefined;
}
