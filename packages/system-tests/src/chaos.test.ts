/** A short campaign: every kind of fault once, on a hive with two of each service, under load. */
import { EmbeddedStores } from "@agent-hive/launcher";
import { FAULT_KINDS } from "./campaigns/chaos/fault-kinds.js";
import { parseOptions } from "./campaigns/chaos/options.js";
import { runRound } from "./campaigns/chaos/round.js";
import { KEEPS_WHAT_IT_ANSWERED_FOR } from "./stores/redis-settings.js";

test("a hive that is struck by every kind of fault loses nothing, doubles nothing and blames nobody", async () => {
  const { campaign } = parseOptions(["--seed", "20261", "--agents-per-type", "2", "--every", "1500"])!;
  const stores = await EmbeddedStores.start({
    databaseUrl: "",
    redisUrl: "",
    redisSettings: KEEPS_WHAT_IT_ANSWERED_FOR,
  });
  try {
    const result = await runRound(
      stores,
      { faults: FAULT_KINDS.length, deadlineMs: Infinity },
      {
        ...campaign,
        number: 1,
        signal: AbortSignal.timeout(150_000),
        onProgress: () => undefined,
        onFault: () => undefined,
      },
    );

    expect({ violations: result.violations, voids: result.voids }).toEqual({ violations: [], voids: [] });
    expect(new Set(result.faults.filter(({ struck }) => struck).map(({ kind }) => kind))).toEqual(new Set(FAULT_KINDS));
    expect(result.workflows).toBeGreaterThan(5);
    expect(result.samples.filter(({ ms }) => ms === null)).toEqual([]);
  } finally {
    await stores.stop();
  }
}, 240_000);
