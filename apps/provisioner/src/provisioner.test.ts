import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAM = join(import.meta.dirname, "main.js");
let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "provisioner-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const run = (...args: string[]) => spawnSync(process.execPath, [PROGRAM, ...args], { encoding: "utf8" });

test("secrets are made where they are wanted, and the operator's key is printed alone", () => {
  expect(run("secrets", "--folder", folder)).toMatchObject({ status: 0, stderr: "" });
  expect(readdirSync(folder)).toContain("workflow-engine");
  const { stdout } = run("key", "--folder", folder);
  expect(stdout).toMatch(/^[0-9a-f]{48}\n$/);
  expect(run("key", "--folder", folder).stdout).toBe(stdout);
});

test("a folder that cannot be written, and stores that are away, are told with exit code 1", () => {
  const nowhere = run("secrets", "--folder", join(import.meta.filename, "folder"));
  expect(nowhere).toMatchObject({ status: 1 });
  expect(nowhere.stdout).toContain("it could not be set up");
  expect(run("secrets", "--folder", folder).status).toBe(0);
  const away = run("stores", "--folder", folder, "--postgres", "127.0.0.1:1/hive", "--redis", "127.0.0.1:1");
  expect(away).toMatchObject({ status: 1 });
  expect(away.stdout).toContain("ECONNREFUSED");
});
