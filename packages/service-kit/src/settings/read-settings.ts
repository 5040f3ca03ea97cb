import { namesOf, type SettingsOf } from "./catalogue.js";
import type { ServiceName } from "./declaration.js";
import { SettingsError } from "./settings-error.js";
import { settle } from "./settle.js";
import { collect, type SettingSources } from "./sources.js";

/** Where warnings go. */
export interface SettingWarnings {
  /** Told what is suspicious, and lets a service start all the same. Default: a line on standard error. */
  warn?: (warning: string) => void;
}

/**
 * Reads the settings of one service, all at once, and freezes them. A flag is stronger than the environment, that than the
 * file which HIVE_CONFIG_FILE or `--config` names, and that than the default. Settings of other services are neither read
 * nor checked: services of one hive share an environment and a file.
 *
 * @param sources default: the environment alone.
 * @throws SettingsError naming every value that cannot be used, every flag and every key of the file that is not known, and
 *   every variable `HIVE_…` that looks like a misspelt setting.
 */
export function readSettings<Service extends ServiceName>(
  service: Service,
  sources: SettingSources & SettingWarnings = {},
): SettingsOf<Service> {
  const names = namesOf(service);
  const given = collect(names, sources);
  const settled = names.map((name) => settle(name, service, given));
  const problems = [...given.problems, ...settled.flatMap(({ problem }) => problem ?? [])];
  if (problems.length > 0) throw new SettingsError(problems);
  given.warnings.forEach(sources.warn ?? writeLine);
  return Object.freeze(Object.fromEntries(settled.map(({ name, value }) => [name, value]))) as SettingsOf<Service>;
}

function writeLine(warning: string): void {
  process.stderr.write(`${warning}\n`);
}
