import { readSettings, type SettingSources, type SettingsOf } from "@agent-hive/service-kit";

/** Name of the service in logs and health. */
export const SERVICE_NAME = "metrics-validator";

/** The validator's settings. */
export type ValidatorSettings = SettingsOf<typeof SERVICE_NAME>;

/** @throws SettingsError listing every problem. */
export const readValidatorSettings = (sources?: SettingSources): ValidatorSettings =>
  readSettings(SERVICE_NAME, sources);
