import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MODULE = join(import.meta.dirname, "crash-point.js");
const PROGRAM = `const { crashPoint } = await import(${JSON.stringify(MODULE)}); crashPoint("results.committed"); console.log("lived");`;

const run = (env: NodeJS.ProcessEnv) =>
  spawnSync(process.execPath, ["--input-type=module", "--eval", PROGRAM], {
    env: { ...process.env, ...env },
    encoding: "utf8",
  });

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "crash-points-"))));
afterEach(() => rmSync(folder, { recursive: true }));

test("an armed point kills the process that reaches it, once", () => {
  const file = join(folder, "results.committed");
  writeFileSync(file, "");
  const first = run({ HIVE_CRASH_POINTS: folder });
  expect([first.signal, first.stdout]).toEqual(["SIGKILL", ""]);
  expect(existsSync(file)).toBe(false);
  expect(run({ HIVE_CRASH_POINTS: folder }).stdout).toBe("lived\n");
});

test("the file may name another signal", () => {
  writeFileSync(join(folder, "results.committed"), "SIGTERM");
  expect(run({ HIVE_CRASH_POINTS: folder }).signal).toBe("SIGTERM");
});

test("a point that is not armed, or of which nobody knows where it would be, does nothing", () => {
  writeFileSync(join(folder, "results.published"), "");
  expect(run({ HIVE_CRASH_POINTS: folder }).stdout).toBe("lived\n");
  expect(run({ HIVE_CRASH_POINTS: "" }).stdout).toBe("lived\n");
});
