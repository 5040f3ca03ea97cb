import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { namesOf, type ExaminedSetting } from "@agent-hive/service-kit/settings";

const PROGRAM = join(import.meta.dirname, "..", "main.js");

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "hive-config-"));
  file = join(folder, "hive.yaml");
  writeFileSync(
    file,
    "HIVE_SLOTS: 2\nHIVE_LOG_LEVEL: warn\nREDIS_URL: redis://user:s3cret@redis:6380/1?password=s3cret\n",
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `hive config` as users do. */
function config(args: string[], env: NodeJS.ProcessEnv = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, "config", ...args], {
    env,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

function configJson(args: string[], env?: NodeJS.ProcessEnv) {
  const { status, stdout } = config([...args, "--json"], env);
  const report = JSON.parse(stdout) as { settings: ExaminedSetting[]; problems: string[]; warnings: string[] };
  const valuesOf = (name: string) => report.settings.filter((setting) => setting.name === name);
  return { status, ...report, valuesOf };
}

test("each setting is shown with its value, where that comes from, its unit and what it is for", () => {
  const { status, stdout, stderr } = config(["--config", file, "--drain-ms", "500"], { HIVE_LOG_LEVEL: "debug" });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  expect(stdout).toMatch(new RegExp(`^HIVE_SLOTS +2 +tasks +file ${file}$`, "m"));
  expect(stdout).toMatch(/^HIVE_LOG_LEVEL +debug +environment$/m);
  expect(stdout).toMatch(/^HIVE_DRAIN_MS +500 +ms +flag --drain-ms$/m);
  expect(stdout).toMatch(/^HIVE_BACKLOG_LIMIT +1000000 +tasks +default$/m);
  expect(stdout).toMatch(/^HIVE_KEY_PREFIX +\(empty\) +default$/m);
  expect(stdout).toMatch(/^HIVE_URL +\(the hive that runs in the state folder\) +default$/m);
  expect(stdout).toContain(
    "    Tasks at once in one agent process. Takes a whole number from 1 to 10000. Read by agents.\n",
  );
});

test("what stands in place of a value is shown where there is none", () => {
  const { valuesOf } = configJson([]);
  expect(valuesOf("DATABASE_URL").map(({ value, without }) => value ?? without)).toEqual([
    "postgres://***@127.0.0.1:5432/hive",
    "an embedded PostgreSQL is started",
  ]);
});

test("secrets are masked, in every form of the answer, also when they are not valid", () => {
  const env = { DATABASE_URL: "hive:s3cret@db/hive" };
  for (const json of [[], ["--json"]]) {
    const { status, stdout, stderr } = config(["--config", file, ...json], env);
    expect(status).toBe(1);
    expect(stdout + stderr).toContain("redis://***@redis:6380/1?***");
    expect(stdout + stderr).not.toContain("s3cret");
  }
});

test("all that is wrong is told, and the exit code is 1", () => {
  const { status, stderr } = config(["--config", file, "--slots", "none"], { HIVE_DRAIN: "1", HIVE_HTTP_PORT: "x" });
  expect(status).toBe(1);
  expect(stderr.trim().split("\n")).toEqual([
    expect.stringContaining("HIVE_DRAIN is not known; did you mean HIVE_DRAIN_MS?"),
    expect.stringContaining('HIVE_HTTP_PORT is "x" (environment).'),
    expect.stringContaining('HIVE_SLOTS is "none" (flag --slots).'),
  ]);
});

test("with --json, problems and warnings stand in the answer too", () => {
  const { status, problems, warnings, valuesOf } = configJson(["--slots", "none"], { HIVE_QUEEN: "1" });
  expect(status).toBe(1);
  expect(problems).toEqual([expect.stringContaining("HIVE_SLOTS")]);
  expect(warnings).toEqual([expect.stringContaining("HIVE_QUEEN")]);
  expect(valuesOf("HIVE_SLOTS")).toEqual([expect.objectContaining({ isValid: false, value: "none" })]);
});

test("--service shows what that reads, and checks nothing else", () => {
  const { status, settings } = configJson(["--service", "router"], { HIVE_SLOTS: "none" });
  expect({ status, names: settings.map(({ name }) => name) }).toEqual({ status: 0, names: namesOf("router") });
});
