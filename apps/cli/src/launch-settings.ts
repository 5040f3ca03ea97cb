import { SettingsError, examineSettings } from "@agent-hive/service-kit/settings";

/**
 * Makes the settings ready for a hive that this process starts: those of all services are checked before any of them is
 * started, and what the settings file gives is put into the environment, which is all that the launcher looks at. What
 * stands in the environment already is stronger, and stays.
 *
 * @param env default `process.env`.
 * @throws SettingsError listing every problem.
 */
export function prepareLaunch(tell: (warning: string) => void, env: NodeJS.ProcessEnv = process.env): void {
  const { problems, warnings, given } = examineSettings({ env });
  if (problems.length > 0) throw new SettingsError(problems);
  warnings.forEach(tell);
  for (const [name, text] of given) env[name] = text;
}
