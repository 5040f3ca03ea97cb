/** Settings without the rest of the kit: for programs that are no services. */
export {
  SETTINGS,
  SETTING_NAMES,
  TEST_SWITCHES,
  flagOf,
  namesOf,
  type SettingName,
  type SettingsOf,
} from "./catalogue.js";
export { SERVICES, type ServiceName } from "./declaration.js";
export { examineSettings, type Examination, type ExaminedSetting } from "./examine-settings.js";
export { readSettings } from "./read-settings.js";
export { SettingsError } from "./settings-error.js";
export { describeOrigin } from "./shown.js";
export type { SettingSources } from "./sources.js";
