import { parseArgs } from "node:util";
import { SETTINGS, SETTING_NAMES, flagOf, type SettingName } from "./catalogue.js";
import { layerOf, type Entry, type Layer } from "./layer.js";
import { quoted } from "./shown.js";
import { didYouMean } from "./unknown-names.js";

/**
 * Reads settings from a command line: `--slots 4`, `--slots=4`, and `--load-handlers` alone for true.
 *
 * @param args what follows the program's name.
 * @param names the settings that may be given.
 */
export function readFlags(args: readonly string[], names: readonly SettingName[]): Layer {
  const options = Object.fromEntries(names.map((name) => [flagOf(name).slice(2), { type: typeOf(name) }]));
  const { tokens } = parseArgs({ args: [...args], options, strict: false, allowPositionals: true, tokens: true });
  return layerOf(
    tokens.flatMap((token) => {
      if (token.kind === "option") return entryOf(token.rawName, token.value, names);
      return token.kind === "positional" ? { problem: `${quoted(token.value)} belongs to no flag; remove it.` } : [];
    }),
  );
}

function entryOf(flag: string, value: string | undefined, names: readonly SettingName[]): Entry {
  const name = names.find((known) => flagOf(known) === flag);
  if (name === undefined) return { problem: unknown(flag, names) };
  const text = value ?? (typeOf(name) === "boolean" ? "true" : undefined);
  if (text === undefined) return { problem: `${flag} needs a value. Give ${SETTINGS[name].type.accepts}.` };
  return { name, text };
}

function unknown(flag: string, names: readonly SettingName[]): string {
  const elsewhere = SETTING_NAMES.find((name) => flagOf(name) === flag);
  if (elsewhere) return `${flag} has no effect here: it is for ${SETTINGS[elsewhere].services.join(", ")}. Remove it.`;
  return `${flag} is not known${didYouMean(flag, names.map(flagOf)) ?? "; docs/settings.md lists the flags."}`;
}

const typeOf = (name: SettingName): "boolean" | "string" =>
  SETTINGS[name].type.form === "switch" ? "boolean" : "string";
