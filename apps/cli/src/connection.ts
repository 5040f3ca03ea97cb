import { HiveClient } from "@agent-hive/client";
import { readHiveState } from "@agent-hive/launcher";

/** Where a command finds the hive. */
export interface ConnectionOptions {
  url?: string;
  coordinatorUrl?: string;
  stateDir: string;
}

/**
 * A client for the hive that the options name, or that `hive dev` runs in the state folder.
 *
 * @throws Error that says how to start one, if there is none.
 */
export function connect(options: ConnectionOptions): HiveClient {
  const running = readHiveState(options.stateDir);
  const engineUrl = options.url || running?.engineUrls;
  if (engineUrl === undefined) {
    throw new Error(
      `No hive is running in "${options.stateDir}", and neither --url nor HIVE_URL names one. Start one with: hive dev`,
    );
  }
  const coordinatorUrl = options.coordinatorUrl || running?.coordinatorUrls;
  return new HiveClient({ engineUrl, ...(coordinatorUrl === undefined ? {} : { coordinatorUrl }) });
}
