import { HiveClient } from "@agent-hive/client";
import { readHiveState } from "@agent-hive/launcher";
import { readSettings } from "@agent-hive/service-kit/settings";
import { tell } from "./terminal/print.js";

/** Where a command finds the hive. */
export interface ConnectionOptions {
  url?: string;
  coordinatorUrl?: string;
  stateDir: string;
}

/**
 * A client for the hive that the options or the settings name, or that `hive dev` runs in the state folder.
 *
 * @throws SettingsError listing every problem; Error that says how to start a hive, if there is none.
 */
export function connect(options: ConnectionOptions): HiveClient {
  const settings = readSettings("cli", { args: flagsOf(options), warn: tell });
  const running = readHiveState(options.stateDir);
  const engineUrl = settings.HIVE_URL ?? running?.engineUrls;
  if (engineUrl === undefined) {
    throw new Error(
      `No hive is running in "${options.stateDir}", and neither --url nor HIVE_URL names one. Start one with: hive dev`,
    );
  }
  const coordinatorUrl = settings.HIVE_COORDINATOR_URL ?? running?.coordinatorUrls;
  return new HiveClient({
    engineUrl,
    ...(coordinatorUrl === undefined ? {} : { coordinatorUrl }),
    apiKey: settings.HIVE_API_KEY,
  });
}

function flagsOf({ url, coordinatorUrl }: ConnectionOptions): string[] {
  return [
    ...(url === undefined ? [] : [`--url=${url}`]),
    ...(coordinatorUrl === undefined ? [] : [`--coordinator-url=${coordinatorUrl}`]),
  ];
}
