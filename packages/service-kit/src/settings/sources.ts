/** Where settings come from: flags are stronger than the environment, this than the file, and this than the defaults. */
import { SETTINGS, SETTING_NAMES, flagOf, type SettingName } from "./catalogue.js";
import { layerOf, type Layer } from "./layer.js";
import { readFlags } from "./read-flags.js";
import { readSettingsFile } from "./settings-file.js";
import { unknownVariables } from "./unknown-names.js";

/** What settings are read from. */
export interface SettingSources {
  /** The command line after the program's name. Default: none. */
  args?: readonly string[];
  /** Default: `process.env`. */
  env?: NodeJS.ProcessEnv;
}

/** Where a value comes from. */
export type Origin =
  { kind: "flag"; flag: string } | { kind: "environment" } | { kind: "file"; path: string } | { kind: "default" };

/** A value as it is written. */
export interface Written {
  text: string;
  origin: Origin;
}

/** All that was given, whether or not it can be used. */
export interface Given {
  readonly values: ReadonlyMap<SettingName, Written>;
  /** About names, and about the file: what is wrong with values is seen when they are read. */
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * Collects what flags, environment and file say.
 *
 * @param names the settings for which there may be flags.
 */
export function collect(names: readonly SettingName[], { args = [], env = process.env }: SettingSources): Given {
  const flags = readFlags(args, names);
  const variables = layerOf(SETTING_NAMES.map((name) => ({ name, text: env[name] ?? "" })));
  const unknown = unknownVariables(env);
  const path = flags.values.get("HIVE_CONFIG_FILE") ?? variables.values.get("HIVE_CONFIG_FILE");
  // A file that does not exist is told as what is wrong with the value of HIVE_CONFIG_FILE.
  const exists = path !== undefined && SETTINGS.HIVE_CONFIG_FILE.type.schema.safeParse(path).success;
  const file = exists ? readSettingsFile(path) : layerOf([]);
  return {
    values: new Map([
      ...written(file, () => ({ kind: "file", path: path! })),
      ...written(variables, () => ({ kind: "environment" })),
      ...written(flags, (name) => ({ kind: "flag", flag: flagOf(name) })),
    ]),
    problems: [...flags.problems, ...unknown.problems, ...file.problems],
    warnings: unknown.warnings,
  };
}

function written({ values }: Layer, originOf: (name: SettingName) => Origin): [SettingName, Written][] {
  return Array.from(values, ([name, text]) => [name, { text, origin: originOf(name) }]);
}
