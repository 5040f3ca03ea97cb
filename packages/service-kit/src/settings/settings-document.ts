/** The tables of docs/settings.md, as they follow from the declarations. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SETTINGS, SETTING_NAMES, TEST_SWITCHES, flagOf, type SettingName } from "./catalogue.js";
import type { Declaration, ServiceName } from "./declaration.js";

/** packages/service-kit/dist/settings → the repository. */
const FILE = join(import.meta.dirname, "..", "..", "..", "..", "docs", "settings.md");

export const readSettingsDocument = (): string => readFileSync(FILE, "utf8");
export const writeSettingsDocument = (document: string): void => writeFileSync(FILE, document);

/**
 * The document with its tables as they ought to be. What stands around them is written by hand.
 *
 * @param document has a place for each table, between `<!-- settings -->` and `<!-- end -->`, or `<!-- switches -->`.
 * @throws Error if a place is missing.
 */
export function withTables(document: string): string {
  return withTable(withTable(document, "settings", settingsTable()), "switches", switchesTable());
}

function withTable(document: string, place: string, table: string): string {
  const [before, rest] = splitAt(document, `<!-- ${place} -->\n`);
  const [, after] = splitAt(rest, "<!-- end -->\n");
  return `${before}<!-- ${place} -->\n\n${table}\n\n<!-- end -->\n${after}`;
}

function splitAt(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`docs/settings.md must have a line "${mark.trim()}".`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}

const settingsTable = (): string =>
  aligned([
    ["setting, flag", "takes", "default", "unit", "read by", "what it is for, and why it is as it is"],
    ...SETTING_NAMES.map(settingRow),
  ]);

function settingRow(name: SettingName): string[] {
  const declared: Declaration = SETTINGS[name];
  return [
    `\`${name}\`, \`${flagOf(name)}\``,
    withOwn(declared, ({ type }) => type?.accepts),
    withOwn(declared, defaultText),
    declared.unit ?? "",
    declared.services.join(", "),
    `${declared.purpose} ${declared.reason}${declared.secret ? " A secret." : ""}`,
  ];
}

/** What holds in general, then what is different for single services. */
function withOwn(declared: Declaration, text: (part: Partial<Declaration>) => string | undefined): string {
  const own = Object.entries(declared.own ?? {}) as [ServiceName, Partial<Declaration>][];
  const different = own.flatMap(([service, part]) => (text(part) === undefined ? [] : [`${service}: ${text(part)}`]));
  return [text(declared), ...different].join("; ");
}

function defaultText({ default: usual }: Partial<Declaration>): string | undefined {
  if (usual === undefined) return undefined;
  if (typeof usual !== "string") return usual.none;
  return usual === "" ? "empty" : `\`${usual}\``;
}

const switchesTable = (): string =>
  aligned([
    ["variable", "what it does"],
    ...Object.entries(TEST_SWITCHES).map(([name, text]) => [`\`${name}\``, text]),
  ]);

/** A table as the formatter would write it. */
function aligned(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (cells: string[]): string => `| ${cells.map((cell, at) => cell.padEnd(widths[at]!)).join(" | ")} |`;
  const [heading, ...body] = rows;
  return [heading!, widths.map((width) => "-".repeat(width)), ...body].map(line).join("\n");
}
