/** The settings cannot be used as they are. The message lists every problem with its remedy. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";

  constructor(readonly problems: readonly string[]) {
    super(`Settings are not valid:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
}
