import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { AgentCrashSimulator } from "./agent-crash-simulator.js";
import type { AgentProcess, TaskMoment } from "./ports.js";

const GROUP = "backend_engineers_consumers";

/** Agents that are real processes, and a hive around them that is not. */
function setup() {
  const agents = new Map<string, AgentProcess & { child: ChildProcess }>();
  const listeners = new Set<(moment: TaskMoment) => void>();
  let lives = 0;

  const startAgent = async (agentId: string, environment: NodeJS.ProcessEnv = { HIVE_AGENT_ID: agentId }) => {
    const program = "process.stdout.write('up'); setInterval(() => {}, 1000);";
    const child = spawn(process.execPath, ["-e", program], { env: environment, stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    lives += 1;
    const agent = { pid: child.pid!, incarnation: `life-${lives}`, child };
    agents.set(agentId, agent);
    started.push(child);
    return agent;
  };
  const directory = {
    find: async (agentId: string, group: string) => (group === GROUP ? agents.get(agentId) : undefined),
    revive: async (agentId: string) => void (await startAgent(agentId)),
  };
  const moments = {
    subscribe(listener: (moment: TaskMoment) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const simulator = new AgentCrashSimulator({ enabled: true, directory, moments });
  simulators.push(simulator);
  const happen = (moment: Partial<TaskMoment> & { agentId: string; incarnation: string }) => {
    const at = new Date().toISOString();
    const whole = {
      moment: "started" as const,
      workflowId: "w1",
      taskId: "api_development",
      agentType: "backend",
      group: GROUP,
      at,
      ...moment,
    };
    for (const listener of listeners) listener(whole);
    return whole;
  };
  return { simulator, startAgent, happen, agents, directory, listeners };
}

const started: ChildProcess[] = [];
const simulators: AgentCrashSimulator[] = [];
afterEach(async () => {
  await Promise.all(simulators.splice(0).map((simulator) => simulator.stop()));
  for (const child of started.splice(0)) child.kill("SIGKILL");
});

/** Waits until the kernel has stopped the process, or let it go on; a signal takes effect a little after it is sent. */
async function whenStopped(pid: number, stopped = true): Promise<void> {
  const isStopped = () => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.startsWith("T");
  const deadline = performance.now() + 5_000;
  while (isStopped() !== stopped) {
    if (performance.now() > deadline)
      throw new Error(`Process ${pid} is ${stopped ? "not stopped" : "still stopped"} after 5 s.`);
    await delay(2);
  }
}

test("nothing can be hurt unless chaos is enabled", () => {
  const { directory } = setup();

  expect(() => new AgentCrashSimulator({ enabled: false, directory })).toThrow(
    expect.objectContaining({ code: "CHAOS_DISABLED", message: expect.stringContaining("HIVE_CHAOS_ENABLED") }),
  );
});

test("a crashed agent dies of SIGKILL, and the act is on record", async () => {
  const { simulator, startAgent } = setup();
  const { child, pid } = await startAgent("backend-1");
  const before = Number(process.hrtime.bigint()) / 1e6;

  const record = await simulator.crashAgent("backend-1", GROUP);

  if (child.signalCode === null) await once(child, "exit");
  expect(child.signalCode).toBe("SIGKILL");
  expect(record).toMatchObject({
    act: "crash",
    agentId: "backend-1",
    group: GROUP,
    pid,
    incarnation: "life-1",
    cause: "demand",
  });
  expect(record.monotonicMs).toBeGreaterThanOrEqual(before);
  expect(simulator.records).toEqual([record]);
});

test("a frozen agent stands still until it is recovered, and goes on in the same life", async () => {
  const { simulator, startAgent, agents } = setup();
  const { pid } = await startAgent("backend-1");

  await simulator.freezeAgent("backend-1", GROUP);
  await whenStopped(pid);

  const record = await simulator.recoverAgent("backend-1", GROUP);
  await whenStopped(pid, false);
  expect(record).toMatchObject({ act: "recover", pid, incarnation: "life-1" });
  expect(agents.get("backend-1")!.incarnation).toBe("life-1");
});

test("a crashed agent is recovered into a new life", async () => {
  const { simulator, startAgent } = setup();
  await startAgent("backend-1");
  await simulator.crashAgent("backend-1", GROUP);

  const record = await simulator.recoverAgent("backend-1", GROUP);

  expect(record).toMatchObject({ act: "recover", incarnation: "life-2" });
});

test("an agent that is frozen and then killed is recovered into a new life", async () => {
  const { simulator, startAgent } = setup();
  const { child } = await startAgent("backend-1");
  await simulator.freezeAgent("backend-1", GROUP);
  child.kill("SIGKILL");
  await once(child, "exit");

  expect(await simulator.recoverAgent("backend-1", GROUP)).toMatchObject({ act: "recover", incarnation: "life-2" });
});

test("a process that was not started as the agent is left alone", async () => {
  const { simulator, startAgent } = setup();
  const { child } = await startAgent("backend-1", { HIVE_AGENT_ID: "somebody-else" });

  await expect(simulator.crashAgent("backend-1", GROUP)).rejects.toMatchObject({ code: "NOT_AN_AGENT" });

  expect(child.signalCode).toBeNull();
  expect(simulator.records).toEqual([]);
});

test("an agent that is not registered in the group is not hit", async () => {
  const { simulator, startAgent } = setup();
  const { child } = await startAgent("backend-1");

  await expect(simulator.crashAgent("backend-1", "qa_engineers_consumers")).rejects.toMatchObject({
    code: "AGENT_NOT_FOUND",
  });

  expect(child.signalCode).toBeNull();
});

test("an armed act hits the agent that comes to the moment, as often as was asked, and no other", async () => {
  const { simulator, startAgent, happen, listeners } = setup();
  const [first, second, third] = [
    await startAgent("backend-1"),
    await startAgent("backend-2"),
    await startAgent("backend-3"),
  ];
  const armed = simulator.arm({ moment: "half-way", taskId: "api_development", act: "crash", count: 2 });

  happen({ ...first, agentId: "backend-1", moment: "started" });
  happen({ ...first, agentId: "backend-1", moment: "half-way", taskId: "auth_system" });
  const hit = happen({ ...second, agentId: "backend-2", moment: "half-way" });
  happen({ ...third, agentId: "backend-3", moment: "half-way" });
  happen({ ...first, agentId: "backend-1", moment: "half-way" });
  const records = await armed.done;

  expect(records.map(({ agentId }) => agentId).toSorted()).toEqual(["backend-2", "backend-3"]);
  expect(records.find(({ agentId }) => agentId === "backend-2")).toMatchObject({
    act: "crash",
    cause: "armed",
    moment: { at: hit.at },
  });
  expect(first.child.signalCode).toBeNull();
  expect(listeners.size).toBe(0);
});

test("an armed act does not hit a later life of the agent that came to the moment", async () => {
  const { simulator, startAgent, happen } = setup();
  await startAgent("backend-1");
  const later = await startAgent("backend-1");
  const armed = simulator.arm({ moment: "started", act: "crash" });

  happen({ agentId: "backend-1", incarnation: "life-1" });
  await delay(20); // time in which the wrong one would have been hit
  expect(later.child.signalCode).toBeNull();

  happen({ agentId: "backend-1", incarnation: "life-2" });
  expect(await armed.done).toEqual([expect.objectContaining({ incarnation: "life-2" })]);
});

test("random acts go on until they are stopped, and recover whom they hit", async () => {
  const { simulator, startAgent } = setup();
  const { pid } = await startAgent("backend-1");
  const targets = () => [{ agentId: "backend-1", group: GROUP }];
  const random = simulator.scheduleRandom({
    seed: 7,
    ratePerMinute: 6_000,
    acts: ["freeze"],
    targets,
    recoverAfterMs: 5,
  });
  while (simulator.records.length < 6) await delay(5);

  random.stop();
  const hits = await random.done;

  expect(hits.length).toBeGreaterThanOrEqual(3);
  expect(hits.every(({ act, cause }) => act === "freeze" && cause === "random")).toBe(true);
  await whenStopped(pid, false);
});

test("stopping the simulator ends what is armed and lets frozen agents go on", async () => {
  const { simulator, startAgent, happen } = setup();
  const { pid, child, incarnation } = await startAgent("backend-1");
  const armed = simulator.arm({ moment: "started", act: "crash" });
  await simulator.freezeAgent("backend-1", GROUP);

  await simulator.stop();
  happen({ agentId: "backend-1", incarnation });

  expect(await armed.done).toEqual([]);
  await whenStopped(pid, false);
  expect(child.signalCode).toBeNull();
});
