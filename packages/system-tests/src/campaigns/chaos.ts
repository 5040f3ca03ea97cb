/** Fault campaigns: see `--help`, and docs/proving.md for how to read what it says. */
import { writeFileSync } from "node:fs";
import { EmbeddedStores } from "@agent-hive/launcher";
import { resultOf, runCampaign } from "./chaos/campaign.js";
import { HELP, parseOptions, type CampaignOptions, type ReportOptions } from "./chaos/options.js";
import { readProgress, writeProgress } from "./chaos/progress-file.js";
import { describeFault, describeResult } from "./chaos/report.js";
import type { RoundResult } from "./chaos/round.js";
import { KEEPS_WHAT_IT_ANSWERED_FOR } from "../stores/redis-settings.js";

const EXIT_CODES = { valid: 0, violated: 1, void: 2 };
const COULD_NOT_RUN = 3;
const INTERRUPTED = 130;

const tell = (text: string): void => void process.stderr.write(`${text}\n`);

async function main(campaign: CampaignOptions, report: ReportOptions): Promise<number> {
  const finished = report.resume === undefined ? [] : readProgress(report.resume, campaign);
  const interrupt = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupt.abort());
  tell(`seed ${campaign.seed}${finished.length > 0 ? `, going on after ${finished.length} finished rounds` : ""}`);
  let rounds: readonly RoundResult[] = finished;
  const stores = await EmbeddedStores.start({
    databaseUrl: "",
    redisUrl: "",
    redisSettings: KEEPS_WHAT_IT_ANSWERED_FOR,
    onProgress: tell,
    ...(report.stateDir !== undefined && { folder: report.stateDir }),
  });
  try {
    await runCampaign(stores, campaign, {
      finished,
      signal: interrupt.signal,
      stateDir: report.stateDir,
      onProgress: tell,
      onFault: (fault) => report.verbose && tell(describeFault(fault)),
      onRound: (done) => {
        rounds = done;
        if (report.resume !== undefined) writeProgress(report.resume, campaign, done);
      },
    });
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    tell("Interrupted; the round that was under way does not count.");
  } finally {
    await stores.stop();
  }
  const result = resultOf(rounds);
  if (report.json !== undefined)
    writeFileSync(report.json, `${JSON.stringify({ options: campaign, ...result }, null, 2)}\n`);
  process.stdout.write(describeResult(result));
  return interrupt.signal.aborted ? INTERRUPTED : EXIT_CODES[result.verdict];
}

try {
  const options = parseOptions(process.argv.slice(2));
  if (options) process.exitCode = await main(options.campaign, options.report);
  else process.stdout.write(HELP);
} catch (error) {
  tell(error instanceof TypeError ? `${error.message}\n${HELP}` : String((error as Error).stack));
  process.exitCode = COULD_NOT_RUN;
}
