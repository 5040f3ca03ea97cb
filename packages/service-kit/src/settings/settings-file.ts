import { readFileSync } from "node:fs";
import { isMap, isScalar, isSeq, parseDocument, type Node } from "yaml";
import { toError } from "@agent-hive/domain";
import { SETTINGS, SETTING_NAMES, isSettingName } from "./catalogue.js";
import { layerOf, type Entry, type Layer } from "./layer.js";
import { didYouMean } from "./unknown-names.js";

/**
 * Reads a file with settings, YAML or JSON: one mapping of names to values. Values are taken as they are written, so that
 * they mean the same as in the environment: `1e3` is a name in HIVE_AGENT_ID, and a number in HIVE_SLOTS.
 */
export function readSettingsFile(path: string): Layer {
  const { values, problems } = layerOf(entriesOf(path));
  return { values, problems: problems.map((problem) => `${path}: ${problem}`) };
}

function entriesOf(path: string): Entry[] {
  const written = readText(path);
  if (typeof written !== "string") return [written];
  // JSON is YAML as well. By this schema all scalars are text.
  const { contents, errors } = parseDocument(written, { schema: "failsafe" });
  if (errors.length > 0) return errors.map(({ message }) => ({ problem: firstLine(message) }));
  if (contents === null || (isScalar(contents) && contents.value === "")) return []; // nothing but comments
  if (!isMap<Node, Node | null>(contents)) return [{ problem: "it must be one mapping of names to values." }];
  return contents.items.map(({ key, value }) => entryOf(String(key), value));
}

function readText(path: string): string | { problem: string } {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    return { problem: `it cannot be read: ${toError(error).message}.` };
  }
}

/** Without the lines of the file that follow: they may hold a password. */
const firstLine = (message: string): string => message.split("\n", 1)[0]!.replace(/:$/, ".");

function entryOf(name: string, value: Node | null): Entry {
  if (!isSettingName(name)) {
    return {
      problem: `${name} is not known${didYouMean(name, SETTING_NAMES) ?? "; docs/settings.md lists the names."}`,
    };
  }
  if (name === "HIVE_CONFIG_FILE") return { problem: `${name} cannot be given in a file itself; remove it.` };
  const { accepts, form } = SETTINGS[name].type;
  const text = textOf(value, form === "list");
  return text === undefined ? { problem: `${name} takes no list and no mapping. Give ${accepts}.` } : { name, text };
}

/** The value as it would stand in the environment; undefined if it could not. */
function textOf(value: Node | null, mayBeList: boolean): string | undefined {
  if (value === null) return "";
  if (isScalar(value)) return String(value.value);
  if (!mayBeList || !isSeq<Node>(value)) return undefined;
  const items = value.items.map((item) => textOf(item, false));
  return items.includes(undefined) ? undefined : items.join(",");
}
