/** What is done while a crash point is armed. Each act gives the workflow that must end right all the same. */
import type { WorkflowDefinitionInput } from "@agent-hive/contracts";
import type { DoomedHive } from "./doomed-hive.js";

export type Act = (doomed: DoomedHive) => Promise<string>;

type TaskInput = NonNullable<WorkflowDefinitionInput["tasks"]>[number];

const GROUP = "backend_engineers_consumers";
const STREAM = "agent_messages:backend";
/** Longer than any test waits, unless it is interrupted; it lets others have a turn. */
const LONG = { handler: "hash", input: { bytes: 2 ** 32 - 1 } };

const task = (id: string, handler: string, more: Partial<TaskInput> = {}): TaskInput => ({
  id,
  agentType: "backend",
  handler,
  ...more,
});

const submit =
  (...tasks: TaskInput[]): Act =>
  async (doomed) =>
    (await doomed.submit({ name: "doomed", tasks })).id;

/** Two tasks between a first and a last one. */
export const diamond: Act = submit(
  task("first", "noop"),
  task("left", "noop", { dependsOn: ["first"] }),
  task("right", "noop", { dependsOn: ["first"] }),
  task("last", "noop", { dependsOn: ["left", "right"] }),
);

/** A task that fails, waits, and succeeds. */
export const retry: Act = submit(
  task("retried", "fault", {
    input: { mode: "throw", untilAttempt: 2 },
    retry: { maxAttempts: 2, initialDelayMs: 1 },
  }),
);

export const checkpoints: Act = submit(task("counted", "count", { input: { to: 3 } }));

/** An entry that no agent can read lies before the tasks. */
export const unreadable: Act = async (doomed) => {
  const { redis, keys } = doomed.hive.store;
  await redis.xadd(keys.stream(STREAM), "*", "v", "1", "t", "nonsense");
  return diamond(doomed);
};

/** A large output is stored, then a workflow runs. */
export const artifact: Act = async (doomed) => {
  const bytes = Buffer.alloc(100_000, Math.random().toString());
  await doomed.insist(() => doomed.hive.client.putArtifact(bytes));
  return diamond(doomed);
};

/** A running workflow is cancelled. */
export const cancelling: Act = async (doomed) => {
  const { id } = await doomed.submit({ name: "cancelled", tasks: [task("running", "noop", LONG)] });
  await isStarted(doomed);
  await doomed.insist(() => doomed.hive.client.cancel(id));
  return id;
};

/** A running task is handed back by an agent that is told to stop. */
export const stopping: Act = (doomed) =>
  doomed.gate.closedWhile(async () => {
    const { id } = await doomed.submit({ name: "handed-back", tasks: [task("running", "effect", { input: {} })] });
    const agentId = await isStarted(doomed);
    await doomed.hive.launcher.supervisor.restart(agentId);
    return id;
  });

export const restarting =
  (name: string): Act =>
  async (doomed) => {
    await doomed.hive.launcher.supervisor.restart(name);
    return diamond(doomed);
  };

/** An agent is declared dead although it lives. */
export const wrongVerdict: Act = async (doomed) => {
  const { client, store } = doomed.hive;
  const groups = await client.groups();
  const [consumer] = groups.find(({ group }) => group === GROUP)!.consumers;
  await store.redis.sadd(store.keys.dead, consumer!.incarnation);
  return diamond(doomed);
};

/** A field of a task that has ended is in the index again. */
export const staleField: Act = async (doomed) => {
  const { client, store } = doomed.hive;
  const { workflows } = await client.workflows({ state: "succeeded", limit: 1 });
  await store.redis.hset(store.keys.inFlight("backend"), `${workflows[0]!.id}:0`, "1");
  return diamond(doomed);
};

/** A group that nobody reads is destroyed. */
export const destroyedGroup: Act = async (doomed) => {
  const { redis, keys } = doomed.hive.store;
  await redis.xgroup("DESTROY", keys.stream("agent_messages:qa"), "qa_engineers_consumers");
  return diamond(doomed);
};

/** Redis loses everything while a task runs. */
export const wiping: Act = (doomed) =>
  doomed.gate.closedWhile(async () => {
    const tasks = [task("running", "effect", { input: {} }), task("next", "noop", { dependsOn: ["running"] })];
    const { id } = await doomed.submit({ name: "wiped", tasks });
    await isStarted(doomed);
    await doomed.hive.store.wipe();
    return id;
  });

/** The entry of a task is gone, and nobody knows: only the engine's own timeout finds it. */
export const lostEntry: Act = async (doomed) => {
  const { redis, keys } = doomed.hive.store;
  const stream = keys.stream(STREAM);
  const { supervisor } = doomed.hive.launcher;
  const agents = supervisor.list().filter(({ service }) => service === "agent-backend");
  for (const { name } of agents) supervisor.kill(name, "SIGSTOP");
  const { id } = await doomed.submit({
    name: "lost",
    tasks: [task("lost", "noop", { timeoutMs: 1_000, retry: { maxAttempts: 2, initialDelayMs: 1 } })],
  });
  const entries = () => redis.xrange(stream, "-", "+");
  const [entry] = await doomed.hive.until("its entry", entries, (found) => found.length > 0);
  const [entryId] = entry!;
  await redis.multi().xack(stream, GROUP, entryId).xdel(stream, entryId).exec();
  for (const { name } of agents) supervisor.kill(name, "SIGCONT");
  return id;
};

/** @returns the agent that has started a task. */
async function isStarted({ hive }: DoomedHive): Promise<string> {
  const { store } = hive;
  const marks = () => store.redis.hvals(store.keys.started(GROUP));
  const [mark] = await hive.until("a started task", marks, (found) => found.length > 0);
  return mark!.split(".")[0]!;
}
