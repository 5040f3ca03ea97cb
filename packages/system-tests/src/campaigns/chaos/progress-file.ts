import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import type { CampaignOptions } from "./options.js";
import type { RoundResult } from "./round.js";

interface Saved {
  version: 1;
  options: CampaignOptions;
  rounds: RoundResult[];
}

/**
 * The rounds that a file of an earlier run holds; none if there is no such file.
 *
 * @throws Error if they belong to another campaign: rounds add up only if they did the same.
 */
export function readProgress(file: string, options: CampaignOptions): RoundResult[] {
  if (!existsSync(file)) return [];
  const saved = JSON.parse(readFileSync(file, "utf8")) as Saved;
  const { count: _, minutes: __, ...same } = options;
  const { count: ___, minutes: ____, ...before } = saved.options;
  if (saved.version === 1 && isDeepStrictEqual(same, before)) return saved.rounds;
  throw new Error(
    `${file} belongs to another campaign, with ${JSON.stringify(before)}. Give the same options, or another file.`,
  );
}

/** Replaces the file in one step: an interruption leaves the old one or the new one. */
export function writeProgress(file: string, options: CampaignOptions, rounds: readonly RoundResult[]): void {
  const saved: Saved = { version: 1, options, rounds: [...rounds] };
  writeFileSync(`${file}.new`, `${JSON.stringify(saved)}\n`);
  renameSync(`${file}.new`, file);
}
