import { eventually } from "@agent-hive/testing";
import { AgentProcess } from "./test-fixtures/agent-process.js";
import { TestHive } from "./test-fixtures/test-hive.js";

let hive: TestHive;
beforeEach(async () => {
  hive = await TestHive.open();
  await hive.coordinator();
});
afterEach(() => hive.close());

const LIMIT_MS = 40_000;

/** Waits until a task runs, and tells in which incarnation and how often it was started. */
async function startedOf({ taskKey }: { taskKey: string }, times = 1) {
  const own = async () =>
    (await hive.events()).filter(
      (event) => event.type === "task.started" && `${event.workflowId}:${event.position}` === taskKey,
    );
  return eventually(own, (events) => events.length >= times, 15_000);
}

const crashes = async () => (await hive.results()).filter((envelope) => envelope.t === "crash");

test(
  "after SIGKILL the task runs in another process, resumes from its checkpoint, and has one result",
  async () => {
    const first = await AgentProcess.start(hive);
    const task = await hive.publish({ handler: "wait", input: { ms: 30_000 } });
    await eventually(
      () => hive.results(),
      (results) => results.some(({ t }) => t === "checkpoint"),
    );
    const second = await AgentProcess.start(hive);
    first.signal("SIGKILL");
    const { outcome } = await hive.resultOf(task);
    expect(outcome).toEqual({ status: "succeeded", output: { pid: second.pid, resumedFrom: { by: first.pid } } });
    expect(await crashes()).toMatchObject([{ k: task.taskKey, ch: true, al: false }]);
  },
  LIMIT_MS,
);

test(
  "a task that ends its process every time runs alone after the first, and is a dead letter after three alone",
  async () => {
    const task = await hive.publish({ handler: "fault", input: { mode: "exit", afterMs: 300 } });
    const isSetAside = async () => (await hive.results()).some(({ t }) => t === "dead-letter");
    // A busy machine may miss a crash and call it a freeze, which is charged to nobody: then it takes one life more.
    for (let life = 1; life <= 8 && !(await isSetAside()); life++) {
      const agent = await AgentProcess.start(hive);
      await Promise.race([agent.exitCode(), eventually(isSetAside, Boolean, 15_000)]);
    }
    const charged = (await crashes()).filter((crash) => crash.t === "crash" && crash.ch);
    expect(charged).toMatchObject([{ al: false }, { al: true }, { al: true }, { al: true }]);
    expect((await hive.results()).find(({ t }) => t === "dead-letter")).toMatchObject({
      k: task.taskKey,
      m: expect.stringContaining("POISON"),
    });
  },
  LIMIT_MS,
);

test(
  "a task beside one that ends its process loses one delivery by it, is never blamed again, and succeeds",
  async () => {
    const innocent = await hive.publish({ handler: "wait", input: { ms: 60_000 } });
    const poison = await hive.publish({ handler: "fault", input: { mode: "exit", afterMs: 300 } });
    const isSetAside = async () => (await hive.results()).some(({ t }) => t === "dead-letter");
    for (let life = 1; life <= 8 && !(await isSetAside()); life++) {
      const agent = await AgentProcess.start(hive, { HIVE_SLOTS: "2" });
      await Promise.race([agent.exitCode(), eventually(isSetAside, Boolean, 15_000)]);
    }
    expect((await hive.resultOf(innocent)).outcome.status).toBe("succeeded");
    const lost = await crashes();
    expect(lost.filter((crash) => crash.k === innocent.taskKey)).toMatchObject([{ al: false }]);
    expect(lost.filter((crash) => crash.k === poison.taskKey).length).toBeGreaterThanOrEqual(4);
    const letters = (await hive.results()).filter(({ t }) => t === "dead-letter");
    expect(letters).toMatchObject([{ k: poison.taskKey }]);
  },
  3 * LIMIT_MS, // five lives
);

test(
  "frozen past its verdict and thawed, it drops its result, and takes tasks as a new incarnation",
  async () => {
    const frozen = await AgentProcess.start(hive);
    const task = await hive.publish({ handler: "wait", input: { ms: 1000 } });
    const [start] = await startedOf(task);
    frozen.signal("SIGSTOP");
    const healthy = await AgentProcess.start(hive);
    const { incarnation, outcome } = await hive.resultOf(task, 15_000);
    expect(incarnation).not.toBe(start!.incarnation);
    expect(outcome).toMatchObject({ output: { pid: healthy.pid } });
    expect(await crashes()).toMatchObject([{ ch: false }]);

    frozen.signal("SIGCONT");
    await eventually(
      () => frozen.log,
      (log) => log.includes("a new incarnation takes over"),
    );
    await healthy.kill();
    const next = await hive.publish({ handler: "wait", input: { ms: 1 } });
    expect((await hive.resultOf(next)).outcome).toMatchObject({ output: { pid: frozen.pid } });
    expect(await hive.attemptResults()).toHaveLength(2);
  },
  LIMIT_MS,
);

test(
  "SIGTERM: takes nothing new, finishes what runs, leaves with exit code 0",
  async () => {
    const agent = await AgentProcess.start(hive, { HIVE_DRAIN_MS: "5000" });
    const running = await hive.publish({ handler: "wait", input: { ms: 600 } });
    await startedOf(running);
    agent.signal("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 50));
    await hive.publish({ handler: "noop" });
    expect(await agent.exitCode()).toBe(0);
    expect((await hive.resultOf(running)).outcome.status).toBe("succeeded");
    expect(await hive.attemptResults()).toHaveLength(1);
    expect(await hive.backlog()).toEqual({ length: 1, pending: 0 });
  },
  LIMIT_MS,
);

test.each([
  ["heeds its signal", { handler: "wait", input: { ms: 60_000 } }],
  ["ignores its signal", { handler: "fault", input: { mode: "never-return" } }],
])(
  "SIGTERM: what does not finish within the drain is handed back uncharged, even if it %s",
  async (_, about) => {
    const agent = await AgentProcess.start(hive, { HIVE_DRAIN_MS: "300" });
    const task = await hive.publish(about);
    const [start] = await startedOf(task);
    agent.signal("SIGTERM");
    expect(await agent.exitCode()).toBe(0);
    await AgentProcess.start(hive);
    await startedOf(task, 2);
    expect(await hive.results()).not.toContainEqual(expect.objectContaining({ t: "crash" }));
    const reporters = (await hive.attemptResults()).map(({ incarnation }) => incarnation);
    expect(reporters).not.toContain(start!.incarnation);
  },
  LIMIT_MS,
);

test(
  "a second SIGTERM ends the drain, and the task is still handed back",
  async () => {
    const agent = await AgentProcess.start(hive, { HIVE_DRAIN_MS: "3600000" });
    const task = await hive.publish({ handler: "wait", input: { ms: 60_000 } });
    await startedOf(task);
    agent.signal("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 200));
    agent.signal("SIGTERM");
    expect(await agent.exitCode()).toBe(0);
    await AgentProcess.start(hive);
    await startedOf(task, 2);
    expect(await crashes()).toEqual([]);
  },
  LIMIT_MS,
);

test(
  "a handler that blocks the event loop does not look dead; it has timed out when it lets go",
  async () => {
    const agent = await AgentProcess.start(hive);
    const task = await hive.publish({ handler: "fault", input: { mode: "block", ms: 3000 }, timeoutMs: 2500 });
    expect((await hive.resultOf(task, 10_000)).outcome).toEqual({ status: "timed-out", timeoutMs: 2500 });
    expect(await crashes()).toEqual([]);
    expect(agent.log).not.toContain("a new incarnation takes over");
  },
  LIMIT_MS,
);

test(
  "an error that nobody catches is logged and ends the process with 1, which is charged to the task",
  async () => {
    const agent = await AgentProcess.start(hive);
    const task = await hive.publish({ handler: "careless" });
    expect(await agent.exitCode()).toBe(1);
    expect(agent.log).toContain("an error was not caught, the agent ends");
    expect(agent.log).toContain("nobody catches this");
    await AgentProcess.start(hive);
    expect(await eventually(crashes, (seen) => seen.length > 0)).toMatchObject([{ k: task.taskKey, ch: true }]);
  },
  LIMIT_MS,
);

test(
  "health and status answer over HTTP",
  async () => {
    const agent = await AgentProcess.start(hive);
    const url = /"url":"([^"]+)"/.exec(agent.log)![1]!;
    const ready = await fetch(`${url}/health/ready`);
    expect([ready.status, await ready.json()]).toMatchObject([
      200,
      { checks: { redis: { status: "up" }, handlers: { status: "up" } } },
    ]);
    expect(await (await fetch(`${url}/v1/agent`)).json()).toMatchObject({
      group: "backend_engineers_consumers",
      handlers: ["wait", "careless", "noop", "echo", "hash", "count", "effect", "fault"],
      slots: 1,
      strays: 0,
    });
  },
  LIMIT_MS,
);
