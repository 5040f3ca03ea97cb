import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepareLaunch } from "./launch-settings.js";

const folder = mkdtempSync(join(tmpdir(), "hive-launch-"));
afterAll(() => rmSync(folder, { recursive: true }));

function environment(text: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const file = join(folder, "hive.yaml");
  writeFileSync(file, text);
  return { HIVE_CONFIG_FILE: file, ...more };
}

test("what a file gives is put into the environment, and what stands there already stays", () => {
  const env = environment("REDIS_URL: redis://redis\nHIVE_DRAIN_MS: 60000\nHIVE_SLOTS: 2\n", {
    HIVE_SLOTS: "3",
    PATH: "/",
  });
  prepareLaunch(() => undefined, env);
  expect(env).toEqual({
    HIVE_CONFIG_FILE: env["HIVE_CONFIG_FILE"],
    REDIS_URL: "redis://redis",
    HIVE_DRAIN_MS: "60000",
    HIVE_SLOTS: "3",
    PATH: "/",
  });
});

test("what any service would refuse is told before one is started, and nothing is changed", () => {
  const env = environment("HIVE_SLOTS: none\n", { HIVE_BACKLOG_LIMIT: "-1" });
  const before = { ...env };
  expect(() => prepareLaunch(() => undefined, env)).toThrow(/HIVE_BACKLOG_LIMIT[^]*HIVE_SLOTS/);
  expect(env).toEqual(before);
});

test("what is suspicious is told", () => {
  const told: string[] = [];
  prepareLaunch((warning) => told.push(warning), { HIVE_QUEEN: "1" });
  expect(told).toEqual([expect.stringContaining("HIVE_QUEEN")]);
});
