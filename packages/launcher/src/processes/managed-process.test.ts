import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SERVICE, isRunning, scratchFolder, until } from "../test-fixtures/helpers.js";
import { freePort } from "./free-ports.js";
import { ManagedProcess, type ProcessExit, type ProcessSpec } from "./managed-process.js";
import { Reaper } from "./reaper.js";

const folder = scratchFolder();
const reaper = new Reaper();
const started: ManagedProcess[] = [];
afterAll(async () => {
  await Promise.all(started.map((process) => process.stop()));
  await reaper.close();
});

async function setup(env: NodeJS.ProcessEnv = {}, spec: Partial<ProcessSpec> = {}): Promise<ManagedProcess> {
  const port = await freePort();
  const managed = new ManagedProcess(
    {
      name: "fixture",
      command: process.execPath,
      args: [SERVICE],
      env: { HIVE_HTTP_HOST: "127.0.0.1", HIVE_HTTP_PORT: String(port), ...env },
      logFile: join(folder, `${port}.log`),
      isReady: async () => (await fetch(`http://127.0.0.1:${port}/health/ready`)).ok,
      ...spec,
    },
    reaper,
  );
  started.push(managed);
  return managed;
}

test("a process that is killed is started again, and counts the restart", async () => {
  const managed = await setup();
  await managed.start();
  const firstPid = managed.pid!;

  managed.signal("SIGKILL");
  await until("it is up again", () => managed.restarts === 1 && managed.state === "ready");

  expect(managed.pid).not.toBe(firstPid);
  expect(await isRunning(firstPid)).toBe(false);
});

test("a process without restart stays down when it dies, until it is started", async () => {
  const managed = await setup({}, { restart: false });
  await managed.start();

  managed.signal("SIGKILL");
  await until("it is down", () => managed.state === "down");
  expect(managed.pid).toBeUndefined();

  await managed.start();
  expect(managed.state).toBe("ready");
});

test("a process that dies three times while starting is reported with its last output", async () => {
  const managed = await setup({ FIXTURE_FAIL: "DATABASE_URL is missing" });

  await expect(managed.start()).rejects.toMatchObject({
    code: "PROCESS_NOT_READY",
    message: expect.stringMatching(/fixture died 3 times while starting \(exit code 7\).*\nDATABASE_URL is missing/),
  });
});

test("a process that never becomes ready is reported when its time is over", async () => {
  const managed = await setup({}, { isReady: async () => false, readyWithinMs: 300 });

  await expect(managed.start()).rejects.toThrow("fixture was not ready within 0.3 s");
});

test("a program that cannot be run is reported", async () => {
  const managed = await setup({}, { command: "/nowhere/program" });

  await expect(managed.start()).rejects.toThrow(/spawn \/nowhere\/program ENOENT/);
});

test("a stopped process is not started again", async () => {
  const managed = await setup();
  const exits: ProcessExit[] = [];
  managed.on("exited", (exit) => exits.push(exit));
  await managed.start();

  await Promise.all([managed.stop(), managed.stop()]);

  expect(managed.state).toBe("down");
  expect(exits).toEqual([expect.objectContaining({ code: 0, expected: true })]);
});

test("a process that ignores SIGTERM is killed when its time is over", async () => {
  const managed = await setup({ FIXTURE_STUBBORN: "1" }, { stopWithinMs: 200 });
  const exits: ProcessExit[] = [];
  managed.on("exited", (exit) => exits.push(exit));
  await managed.start();

  await managed.stop();

  expect(exits).toEqual([expect.objectContaining({ signal: "SIGKILL", expected: true })]);
});

test("a frozen process stops in good order", async () => {
  const managed = await setup();
  const exits: ProcessExit[] = [];
  managed.on("exited", (exit) => exits.push(exit));
  await managed.start();
  managed.signal("SIGSTOP");

  await managed.stop();

  expect(exits).toEqual([expect.objectContaining({ code: 0, expected: true })]);
});

test("its output is in the log file once it has stopped", async () => {
  const managed = await setup({ HIVE_AGENT_ID: "backend-1" });
  const lines: string[] = [];
  managed.on("line", (line) => lines.push(line));
  await managed.start();

  await managed.stop();

  expect(lines).toEqual(["listening as backend-1"]);
  expect(readFileSync(managed.spec.logFile, "utf8")).toBe("listening as backend-1\n");
});
