import { createWriteStream, type WriteStream } from "node:fs";
import { AgentCrashSimulator, EventTaskMoments, GroupAgentDirectory, RedisMomentOrders } from "@agent-hive/chaos";
import { EventRecorder, HiveClient } from "@agent-hive/client";
import { createKeys } from "@agent-hive/contracts";
import { HiveLauncher, defaultServices } from "@agent-hive/launcher";
import type { ValidationContext } from "./check.js";
import type { StoreAddresses } from "./store-probes.js";
import { CheckedStores, type GivenStores } from "./checked-stores.js";

const AGENTS_PER_TYPE = 2;
/** With one slot an agent waits for its next message most of the time, and the burst would measure that. */
const SLOTS = "32";
const VALIDATOR = { name: "metrics-validator", service: "metrics-validator" };

/** A hive that is started to be checked: loaded and struck, with the metrics validator beside it. */
export class CheckedHive {
  /** Where its stores are; undefined until these have been started. */
  addresses: StoreAddresses | undefined;

  private starting: Promise<unknown> = Promise.resolve();
  /** What is to be undone, the latest first. */
  private readonly started: (() => Promise<unknown>)[] = [];

  /**
   * Starts the hive; resolves when all of its services are ready.
   *
   * @param logFile gets all that its services log from then on.
   * @throws LauncherError and what {@link CheckedStores.start} throws; `stop` then removes what was started.
   */
  start(given: GivenStores, logFile: string, onProgress: (message: string) => void): Promise<ValidationContext> {
    const starting = this.run(given, logFile, onProgress);
    this.starting = starting;
    return starting;
  }

  /** Stops everything. If it was interrupted while it was starting, it is stopped as soon as that is over. */
  async stop(): Promise<void> {
    await this.starting.catch(() => undefined);
    const failures: unknown[] = [];
    for (const stop of this.started.splice(0)) await stop().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, "The checked hive did not stop in good order.");
  }

  private async run(
    given: GivenStores,
    logFile: string,
    onProgress: (message: string) => void,
  ): Promise<ValidationContext> {
    const stores = await CheckedStores.start(given, onProgress);
    this.started.unshift(() => stores.stop());
    this.addresses = stores;
    const hive = await HiveLauncher.start({
      stores,
      services: [...defaultServices(AGENTS_PER_TYPE), VALIDATOR],
      env: {
        HIVE_CHAOS_ENABLED: "true",
        HIVE_LOAD_HANDLERS: "true",
        HIVE_KEY_PREFIX: stores.keyPrefix,
        HIVE_SLOTS: process.env["HIVE_SLOTS"] || SLOTS,
      },
      stopOnSignals: false,
      onProgress,
    });
    this.started.unshift(() => hive.stop());
    this.keepLog(hive, createWriteStream(logFile));
    return { hive, keyPrefix: stores.keyPrefix, ...this.watch(hive, stores.keyPrefix) };
  }

  private keepLog({ supervisor }: HiveLauncher, log: WriteStream): void {
    log.on("error", () => undefined); // a full disk must not end the run
    supervisor.on("line", (name, line) => log.write(`${name} ${line}\n`));
    this.started.push(() => new Promise<void>((closed) => log.end(closed))); // last of all: stopping is logged, too
  }

  private watch(
    { engineUrls, coordinatorUrls, redisUrl, supervisor }: HiveLauncher,
    keyPrefix: string,
  ): Pick<ValidationContext, "client" | "recorder" | "chaos"> {
    const client = new HiveClient({ engineUrl: engineUrls, coordinatorUrl: coordinatorUrls });
    const recorder = new EventRecorder(client);
    const orders = new RedisMomentOrders(redisUrl, createKeys(keyPrefix));
    const moments = new EventTaskMoments(orders);
    recorder.on((event) => moments.observe(event));
    recorder.start();
    const directory = new GroupAgentDirectory(
      () => client.groups(),
      (agentId) => supervisor.start(agentId),
    );
    const chaos = new AgentCrashSimulator({ enabled: true, directory, moments });
    this.started.unshift(async () => {
      await chaos.stop();
      orders.close();
      await recorder.stop();
    });
    return { client, recorder, chaos };
  }
}
