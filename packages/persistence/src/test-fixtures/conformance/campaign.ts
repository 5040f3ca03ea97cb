/** Many scenarios, one after another, on one database. */
import { AgentTypes } from "@agent-hive/contracts";
import { AGENT_TYPES, someScenario, streamOf } from "@agent-hive/domain/test-fixtures";
import fc from "fast-check";
import { openHiveDatabase } from "../hive-database.js";
import { conform } from "./conform.js";

export interface CampaignOptions {
  /** Of a migrated database that nobody else uses. */
  url: string;
  cases: number;
  seed: number;
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
const CASES_BETWEEN_REPORTS = 100;

/** @throws Error with the seed and the shortest scenario found, if one does not conform. */
export async function campaign({ url, cases, seed, onProgress }: CampaignOptions): Promise<void> {
  const { pool, store } = openHiveDatabase(hasty(url), { agentTypes: TYPES });
  let passed = 0;
  try {
    await fc.assert(
      fc.asyncProperty(someScenario(LENGTH), async (events) => {
        await conform(events, store, pool);
        if (++passed % CASES_BETWEEN_REPORTS === 0) onProgress?.(passed);
      }),
      { numRuns: cases, seed },
    );
  } finally {
    await pool.end();
  }
}

/** The same database, by connections that do not wait for the disk: nothing here is to outlive its server. */
function hasty(url: string): string {
  const other = new URL(url);
  other.searchParams.set("options", "-c synchronous_commit=off");
  return other.href;
}
