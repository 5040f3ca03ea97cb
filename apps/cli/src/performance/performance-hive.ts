import type { WriteStream } from "node:fs";
import { HiveClient, ValidatorClient } from "@agent-hive/client";
import { HiveLauncher, VALIDATOR_SERVICE, defaultServices } from "@agent-hive/launcher";
import { CheckedStores, type GivenStores } from "../validation/checked-stores.js";
import { StoreProbes } from "../validation/store-probes.js";
import { AgentKiller } from "../chaos/agent-killer.js";

export const AGENTS_PER_TYPE = 2;
/**
 * Tasks that do nothing are over at once, and with few slots an agent would wait for messages most of the time. But what a
 * killed agent had begun is run again one by one, each alone in its process: many slots make a kill dear.
 */
export const SLOTS = 32;

/**
 * The hive that is loaded: its own, on fresh stores, since agents of the demonstrated one have few slots and ask at every
 * task whether a crash is to be simulated.
 */
export class PerformanceHive {
  readonly client: HiveClient;
  readonly validator: ValidatorClient;
  readonly killer: AgentKiller;
  private readonly probes: StoreProbes;

  private constructor(
    private readonly hive: HiveLauncher,
    private readonly stores: CheckedStores,
    seed: number,
  ) {
    const { engineUrl, coordinatorUrl, validatorUrl } = hive;
    this.client = new HiveClient({ engineUrl, coordinatorUrl });
    this.validator = new ValidatorClient(validatorUrl!);
    this.killer = new AgentKiller(this.client, { seed });
    this.probes = StoreProbes.open(hive);
  }

  /**
   * @param given servers to use instead of embedded ones.
   * @param log gets what the services log.
   * @throws LauncherError if it does not start.
   */
  static async start(
    given: GivenStores,
    seed: number,
    log: WriteStream,
    onProgress: (line: string) => void,
  ): Promise<PerformanceHive> {
    const stores = await CheckedStores.start(given, onProgress);
    try {
      const hive = await HiveLauncher.start({
        stores,
        services: [...defaultServices(AGENTS_PER_TYPE), VALIDATOR_SERVICE],
        env: {
          HIVE_KEY_PREFIX: stores.keyPrefix,
          HIVE_LOAD_HANDLERS: "true",
          HIVE_SLOTS: String(SLOTS),
          HIVE_LOG_LEVEL: "warn",
        },
        stopOnSignals: false,
        onProgress,
      });
      hive.supervisor.on("line", (name, line) => log.write(`${name} ${line}\n`));
      return new PerformanceHive(hive, stores, seed);
    } catch (error) {
      await stores.stop();
      throw error;
    }
  }

  /** Workflows that have not ended, by PostgreSQL. */
  async openWorkflows(): Promise<number> {
    const { rows } = await this.probes.pool.query<{ open: number }>(
      "select count(*)::integer as open from workflow where state = 'running'",
    );
    return rows[0]!.open;
  }

  /**
   * What became of the workflows that were created last, by PostgreSQL.
   *
   * @param latest how many of them.
   */
  async crowd(latest: number): Promise<CrowdRecord> {
    const { rows } = await this.probes.pool.query<CrowdRecord>(
      `select count(*) filter (where state = 'succeeded')::integer as succeeded,
              coalesce(extract(epoch from max(finished_at) - min(created_at)), 0)::float8 as seconds,
              1000 * percentile_disc(0.5) within group (order by took) as "p50Ms",
              1000 * percentile_disc(0.95) within group (order by took) as "p95Ms",
              1000 * percentile_disc(0.99) within group (order by took) as "p99Ms"
         from (select *, extract(epoch from finished_at - created_at)::float8 as took
                 from workflow order by created_at desc, id desc limit $1) w`,
      [latest],
    );
    return rows[0]!;
  }

  async stop(): Promise<void> {
    await this.killer.stop();
    await this.probes.close();
    await this.hive.stop();
    await this.stores.stop();
  }
}

/** Times of many workflows: from the first creation to the last end, and of each. */
interface CrowdRecord {
  succeeded: number;
  seconds: number;
  p50Ms: number | null;
  p95Ms: number | null;
  p99Ms: number | null;
}
