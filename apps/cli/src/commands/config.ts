import pc from "picocolors";
import {
  describeOrigin,
  examineSettings,
  type ExaminedSetting,
  type ServiceName,
} from "@agent-hive/service-kit/settings";
import { print, printJson, table, tell } from "../terminal/print.js";

/** Options of `hive config`. */
export interface ConfigOptions {
  /** Default: all. */
  service?: ServiceName;
  config?: string;
  json?: boolean;
}

/**
 * Prints every setting with its value, where that comes from, and what it is for; secrets are masked. The exit code is 1 if
 * anything is wrong, which is told on standard error, all of it.
 *
 * @param flags those that a service would be given.
 */
export function showConfig(flags: string[], options: ConfigOptions): number {
  const args = [...(options.config === undefined ? [] : ["--config", options.config]), ...flags];
  const { settings, problems, warnings } = examineSettings({ args }, options.service && [options.service]);
  if (options.json) printJson({ settings, problems, warnings });
  else printSettings(settings);
  for (const warning of warnings) tell(`${pc.yellow("warning")} ${warning}`);
  for (const problem of problems) tell(`${pc.red("error")} ${problem}`);
  return problems.length > 0 ? 1 : 0;
}

function printSettings(settings: ExaminedSetting[]): void {
  const [heading, ...lines] = table([["SETTING", "VALUE", "UNIT", "FROM"], ...settings.map(rowOf)]);
  print(heading);
  for (const [index, line] of lines.entries()) {
    const { purpose, accepts, services } = settings[index]!;
    print(line);
    print(pc.dim(`    ${purpose} Takes ${accepts}. Read by ${services.join(", ")}.`));
  }
}

function rowOf(setting: ExaminedSetting): string[] {
  const value = setting.value || pc.dim(`(${setting.without ?? "empty"})`);
  return [setting.name, setting.isValid ? value : pc.red(value), setting.unit ?? "", describeOrigin(setting)];
}
