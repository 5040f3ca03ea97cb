import type { SettingName } from "./catalogue.js";

/** One thing that a source says. */
export type Entry = { name: SettingName; text: string } | { problem: string };

/** All that one source says. */
export interface Layer {
  readonly values: ReadonlyMap<SettingName, string>;
  readonly problems: readonly string[];
}

/** Of several entries for one setting the last one counts. What is given as empty counts as not given. */
export function layerOf(entries: readonly Entry[]): Layer {
  const given = entries.flatMap((entry) => ("problem" in entry || entry.text === "" ? [] : [entry]));
  return {
    values: new Map(given.map(({ name, text }) => [name, text])),
    problems: entries.flatMap((entry) => ("problem" in entry ? [entry.problem] : [])),
  };
}
