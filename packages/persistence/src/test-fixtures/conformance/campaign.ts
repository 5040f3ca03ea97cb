/** Many scenarios, one after another, on one database: by one engine, or by several at once. */
import { AgentTypes } from "@agent-hive/contracts";
import { AGENT_TYPES, someRounds, someScenario, streamOf } from "@agent-hive/domain/test-fixtures";
import fc from "fast-check";
import { type HiveDatabase, openHiveDatabase } from "../hive-database.js";
import { conform } from "./conform.js";
import { conformAtOnce } from "./conform-at-once.js";

export interface CampaignOptions {
  /** Of a migrated database that nobody else uses. */
  url: string;
  cases: number;
  seed: number;
  /** Stop at the first failure, without looking for a shorter scenario. Default false. */
  endOnFailure?: boolean;
  /** Told how many cases have passed, now and then. */
  onProgress?: (passed: number) => void;
}

const TYPES = new AgentTypes(
  AGENT_TYPES.map((agentType) => {
    const stream = streamOf(agentType);
    return { type: agentType.toUpperCase(), agentType, group: agentType, stream, maxConsumers: 1, capabilities: ["*"] };
  }),
);
const LENGTH = { minLength: 6, maxLength: 26 };
const MOST_ROUNDS = 7;
const MOST_ENGINES = 4;
const CASES_BETWEEN_REPORTS = 100;

/** @throws Error with the seed and the shortest scenario found, if one does not conform. */
export async function campaign(options: CampaignOptions): Promise<void> {
  await withEngines(options.url, 1, ([{ store, pool }]) =>
    holds(options, someScenario(LENGTH), (events) => conform(events, store, pool)),
  );
}

/** As `campaign`, with two to four engines that act at the same time. */
export async function campaignAtOnce(options: CampaignOptions): Promise<void> {
  const rounds = someRounds({ rounds: MOST_ROUNDS, atOnce: MOST_ENGINES });
  await withEngines(options.url, MOST_ENGINES, (engines) =>
    holds(options, rounds, (scenario) => conformAtOnce(scenario, engines)),
  );
}

async function holds<T>(
  { cases, seed, endOnFailure = false, onProgress }: CampaignOptions,
  scenarios: fc.Arbitrary<T>,
  conforms: (scenario: T) => Promise<void>,
): Promise<void> {
  let passed = 0;
  const property = fc.asyncProperty(scenarios, async (scenario) => {
    await conforms(scenario);
    if (++passed % CASES_BETWEEN_REPORTS === 0) onProgress?.(passed);
  });
  await fc.assert(property, { numRuns: cases, seed, endOnFailure });
}

type Engines = [HiveDatabase, ...HiveDatabase[]];

async function withEngines(url: string, count: number, work: (engines: Engines) => Promise<void>): Promise<void> {
  const engines = Array.from({ length: count }, () => openHiveDatabase(hasty(url), { agentTypes: TYPES }));
  try {
    await work(engines as Engines);
  } finally {
    await Promise.all(engines.map(({ pool }) => pool.end()));
  }
}

/** The same database, by connections that do not wait for the disk: nothing here is to outlive its server. */
function hasty(url: string): string {
  const other = new URL(url);
  other.searchParams.set("options", "-c synchronous_commit=off");
  return other.href;
}
