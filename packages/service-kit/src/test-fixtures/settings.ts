import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SettingsError } from "../settings/index.js";

const folder = mkdtempSync(join(tmpdir(), "settings-"));
let files = 0;

/** A settings file with this text, for as long as the process lives. */
export function settingsFile(text: string): string {
  const path = join(folder, `settings-${++files}.yaml`);
  writeFileSync(path, text);
  return path;
}

process.once("exit", () => rmSync(folder, { recursive: true }));

/** What is wrong with the settings; nothing if they can be read. */
export function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}
