import { nearest } from "@agent-hive/domain";
import { SETTING_NAMES, TEST_SWITCHES, isSettingName } from "./catalogue.js";

/** `; did you mean HIVE_SLOTS?`, or undefined if no known name is near. */
export function didYouMean(name: string, known: readonly string[]): string | undefined {
  const [likely] = nearest(name, known, 1);
  return likely === undefined ? undefined : `; did you mean ${likely}?`;
}

/**
 * The variables that look like settings and are none. One that is near to a setting is a slip, and an error: who wrote it
 * believes that it has an effect. All others are told and let pass, since another release may know them.
 */
export function unknownVariables(env: NodeJS.ProcessEnv): { problems: string[]; warnings: string[] } {
  const [problems, warnings]: [string[], string[]] = [[], []];
  for (const [name, value] of Object.entries(env)) {
    if (!value || !name.startsWith("HIVE_") || isKnown(name) || isServiceLink(name, value)) continue;
    const hint = didYouMean(name, SETTING_NAMES);
    if (hint) problems.push(`${name} is not known${hint}`);
    else warnings.push(`${name} is not known and has no effect; docs/settings.md lists the names with HIVE_.`);
  }
  return { problems, warnings };
}

const isKnown = (name: string): boolean => isSettingName(name) || Object.hasOwn(TEST_SWITCHES, name);

/** Kubernetes gives every pod such variables for each Service, begun with its name: `hive-engine` makes HIVE_ ones. */
function isServiceLink(name: string, value: string): boolean {
  return /_SERVICE_(HOST|PORT)|_PORT_\d+_(TCP|UDP|SCTP)/.test(name) || /^(tcp|udp|sctp):\/\//.test(value);
}
