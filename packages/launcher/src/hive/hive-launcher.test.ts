import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { SERVICE, isRunning, scratchFolder, until } from "../test-fixtures/helpers.js";
import { HiveLauncher, type HiveLauncherOptions } from "./hive-launcher.js";
import { readHiveState } from "./hive-state.js";
import { defaultServices, type ServiceSpec } from "./service-spec.js";

const folder = scratchFolder();
const stores = { databaseUrl: "postgres://stores.test/hive", redisUrl: "redis://stores.test" };
const hives: HiveLauncher[] = [];
afterEach(async () => {
  await Promise.all(hives.splice(0).map((hive) => hive.stop()));
});

function fixture(name: string, service: string, env: NodeJS.ProcessEnv = {}): ServiceSpec {
  return { name, service, script: SERVICE, env: { HIVE_AGENT_ID: name, ...env } };
}

async function setup(options: HiveLauncherOptions = {}): Promise<HiveLauncher> {
  const services = [fixture("workflow-engine", "workflow-engine"), fixture("backend-1", "agent-backend")];
  const hive = await HiveLauncher.start({ services, stores, stopOnSignals: false, ...options });
  hives.push(hive);
  return hive;
}

test("every service gets the stores, the engine's address and a port of its own", async () => {
  const hive = await setup({ env: { HIVE_LOG_LEVEL: "debug" } });
  const { port } = hive.supervisor.find("backend-1");

  const response = await fetch(`http://127.0.0.1:${port}/environment`);

  expect(await response.json()).toMatchObject({
    DATABASE_URL: stores.databaseUrl,
    REDIS_URL: stores.redisUrl,
    HIVE_ENGINE_URL: hive.engineUrl,
    HIVE_HTTP_HOST: "127.0.0.1",
    HIVE_HTTP_PORT: String(port),
    HIVE_AGENT_ID: "backend-1",
    HIVE_LOG_LEVEL: "debug",
  });
});

test("the engine keeps its address when it is killed and started again", async () => {
  const hive = await setup();

  hive.supervisor.kill("workflow-engine");
  await until("the engine is up again", () => hive.supervisor.find("workflow-engine").restarts === 1);
  await hive.supervisor.start("workflow-engine");

  expect((await fetch(`${hive.engineUrl}/health/ready`)).ok).toBe(true);
});

test("replicas of a service have names and ports of their own, and agents are told of every engine", async () => {
  const names = defaultServices({ backend: 1 }, { "workflow-engine": 2, router: 2 }).map(({ name }) => name);
  expect(names).toEqual([
    "workflow-engine",
    "workflow-engine-2",
    "group-coordinator",
    "router",
    "router-2",
    "backend-1",
  ]);

  const engines = ["workflow-engine", "workflow-engine-2"].map((name) => fixture(name, "workflow-engine"));
  const hive = await setup({ services: [...engines, fixture("backend-1", "agent-backend")] });

  expect(hive.engineUrls).toEqual(engines.map(({ name }) => `http://127.0.0.1:${hive.supervisor.find(name).port}`));
  const response = await fetch(`http://127.0.0.1:${hive.supervisor.find("backend-1").port}/environment`);
  expect(await response.json()).toMatchObject({ HIVE_ENGINE_URL: hive.engineUrls.join(",") });
});

test("the hive stops agents first, then router, coordinator and engine", async () => {
  const log = join(folder, "stopped");
  const inOrderOfStart = ["workflow-engine", "group-coordinator", "router", "agent-qa"];
  const hive = await setup({ services: inOrderOfStart.map((name) => fixture(name, name, { FIXTURE_STOP_LOG: log })) });

  await Promise.all([hive.stop(), hive.stop()]);

  expect(readFileSync(log, "utf8").trim().split("\n")).toEqual(inOrderOfStart.toReversed());
});

test("other commands find a running hive by its folder, and none once it has stopped", async () => {
  const stateDir = join(folder, "state");
  const hive = await setup({ stateDir });

  expect(statSync(join(stateDir, "hive.json")).mode & 0o777).toBe(0o600);
  expect(readHiveState(stateDir)).toMatchObject({
    launcherPid: process.pid,
    engineUrl: hive.engineUrl,
    ...stores,
    processes: [
      { name: "workflow-engine", state: "ready" },
      { name: "backend-1", pid: hive.supervisor.find("backend-1").pid },
    ],
  });
  await expect(setup({ stateDir })).rejects.toMatchObject({ code: "ALREADY_RUNNING" });

  await hive.stop();
  expect(readHiveState(stateDir)).toBeUndefined();
  expect(existsSync(join(stateDir, "logs", "backend-1.log"))).toBe(true);
});

test("a service that was not built is named before anything is started", async () => {
  const services = [{ name: "backend-1", service: "agent-nobody" }];

  await expect(setup({ services })).rejects.toMatchObject({
    code: "NOT_BUILT",
    message: expect.stringContaining('Run "npm run build"'),
  });
});

test("when one service fails to start, its output is told and all others are stopped", async () => {
  const stateDir = join(folder, "failing");
  const log = join(folder, "stopped-after-failure");
  const engine = fixture("workflow-engine", "workflow-engine", { FIXTURE_STOP_LOG: log });
  const services = [engine, fixture("qa-1", "agent-qa", { FIXTURE_FAIL: "no such stream" })];

  await expect(setup({ services, stateDir })).rejects.toThrow(/qa-1 died 3 times while starting[^]*no such stream/);

  expect(readFileSync(log, "utf8")).toBe("workflow-engine\n");
});

test("a process can be added to a running hive and removed from it", async () => {
  const hive = await setup();

  await hive.add(fixture("backend-2", "agent-backend"));
  expect(hive.supervisor.list().map(({ name }) => name)).toEqual(["workflow-engine", "backend-1", "backend-2"]);

  await hive.supervisor.remove("backend-2");
  expect(() => hive.supervisor.find("backend-2")).toThrow(
    'There is no process "backend-2". Known: "workflow-engine", "backend-1".',
  );
});

describe("a launcher process", () => {
  interface Launched {
    launcher: ChildProcess;
    pids: number[];
    stateDir: string;
  }

  async function launch(env: NodeJS.ProcessEnv = {}): Promise<Launched> {
    const script = join(import.meta.dirname, "..", "test-fixtures", "launch-hive.js");
    const launcher = fork(script, { env: { ...process.env, NODE_OPTIONS: "", ...env } });
    const [message] = (await once(launcher, "message")) as [{ pids: number[]; stateDir: string }];
    return { launcher, ...message };
  }

  test("ends its services and temporary files in good order on SIGTERM, then ends by that signal", async () => {
    const { launcher, pids, stateDir } = await launch();

    launcher.kill("SIGTERM");

    expect(await once(launcher, "exit")).toEqual([null, "SIGTERM"]);
    expect(await Promise.all(pids.map(isRunning))).toEqual([false, false, false]);
    expect(existsSync(stateDir)).toBe(false);
  });

  test("killed with SIGKILL, takes its services, its stores and its temporary files with it", async () => {
    const { launcher, pids, stateDir } = await launch({ FIXTURE_STORES: "embedded", DATABASE_URL: "", REDIS_URL: "" });
    expect(await Promise.all(pids.map(isRunning))).toEqual([true, true, true, true, true]);

    launcher.kill("SIGKILL");

    await until("all have ended", async () => !(await Promise.all(pids.map(isRunning))).includes(true));
    await until("its folder is gone", () => !existsSync(stateDir));
  });
});
