/**
 * Two of each service: whatever is stopped in good order, however late and whatever else is away, loses nothing, doubles
 * nothing, and is charged to nobody.
 */
import { EmbeddedStores, HiveLauncher } from "@agent-hive/launcher";
import { TestHive } from "./test-hive.js";

/** Long enough to be cut short by the drain, short enough to be waited for twice. */
const LONG = { handler: "effect", input: { ms: 1_500 } };
const SHORT = { handler: "effect", input: { ms: 20 } };
const DRAIN_MS = 300;

/** Four tasks of two types, of which two run beside each other. */
const DIAMOND = {
  name: "diamond",
  tasks: [
    { id: "fetch", agentType: "backend", ...SHORT },
    { id: "left", agentType: "backend", dependsOn: ["fetch"], ...SHORT },
    { id: "right", agentType: "qa", dependsOn: ["fetch"], ...SHORT },
    { id: "join", agentType: "qa", dependsOn: ["left", "right"], ...SHORT },
  ],
};

describe("a hive with two of each", () => {
  let hive: TestHive;
  beforeAll(async () => {
    const agentsPerType = { backend: 2, qa: 2 };
    hive = await TestHive.start({ replicas: 2, agentsPerType, env: { HIVE_DRAIN_MS: String(DRAIN_MS) } });
  }, 180_000);
  afterAll(() => hive?.stop(), 60_000);

  /** Ends of all attempts and lost deliveries of a workflow, but for successes. */
  const troubles = async (workflowId: string) =>
    (await hive.client.attempts(workflowId)).filter(({ outcome }) => outcome !== "succeeded");

  test("a rolling restart of everything, under load, is not noticed by the workflows", async () => {
    const { supervisor } = hive.launcher;
    const submitted: string[] = [];
    let isOver = false;
    const submitting = (async () => {
      while (!isOver) {
        const { id } = await hive.submit(DIAMOND);
        submitted.push(id);
        await hive.ended(id);
      }
    })();

    for (const { name } of supervisor.list().toReversed()) await supervisor.restart(name);
    isOver = true;
    await submitting;

    expect(submitted.length).toBeGreaterThan(1);
    for (const id of submitted) {
      expect(await hive.client.workflow(id)).toMatchObject({ state: "succeeded" });
      expect(Object.values(await hive.recordings(id))).toEqual([1, 1, 1, 1]);
      expect(await troubles(id)).toEqual([]);
    }
  }, 400_000);

  test("a handler that outlasts the drain is interrupted, and its task runs elsewhere at once, uncharged", async () => {
    const workflow = await hive.submit({ name: "long", tasks: [{ id: "long", agentType: "backend", ...LONG }] });
    const started = await hive.events.find(
      "the start",
      ({ type, workflowId }) => type === "task.started" && workflowId === workflow.id,
      30_000,
    );

    await hive.launcher.supervisor.restart(started.agentId!);

    expect((await hive.ended(workflow.id)).state).toBe("succeeded");
    expect(await hive.client.attempts(workflow.id)).toMatchObject([
      { attempt: 1, outcome: "succeeded", agentId: expect.not.stringMatching(started.agentId!) },
    ]);
  }, 90_000);

  test("submissions and reads go on while engines are killed one after the other", async () => {
    const engines = ["workflow-engine", "workflow-engine-2"];
    for (const name of [...engines, ...engines]) {
      hive.launcher.supervisor.kill(name, "SIGKILL");
      const { id } = await hive.submit(DIAMOND);
      expect((await hive.ended(id)).state).toBe("succeeded");
      await hive.launcher.supervisor.start(name);
    }
  }, 300_000);
});

test.each([
  ["Redis hangs", async (stores: EmbeddedStores) => stores.redis!.process.signal("SIGSTOP")],
  ["PostgreSQL is down", (stores: EmbeddedStores) => stores.postgres!.process.stop()],
])(
  "every service leaves within its limit, with exit code 0, while %s",
  async (_, takeAway) => {
    const stores = await EmbeddedStores.start({ databaseUrl: "", redisUrl: "" });
    const hive = await HiveLauncher.start({
      stores,
      agentsPerType: { backend: 1 },
      env: { HIVE_DRAIN_MS: String(DRAIN_MS) },
      stopOnSignals: false,
    });
    try {
      const codes = new Map<string, number | null>();
      hive.supervisor.on("exited", ({ name }, { code }) => codes.set(name, code));
      await takeAway(stores);
      await Promise.all(hive.supervisor.list().map(({ name }) => hive.supervisor.stop(name)));
      expect(Object.fromEntries(codes)).toEqual({
        "workflow-engine": 0,
        "group-coordinator": 0,
        router: 0,
        "backend-1": 0,
      });
    } finally {
      await hive.stop();
      await stores.stop();
    }
  },
  120_000,
);
