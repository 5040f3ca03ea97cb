/** Runs that go well in a sound hive, each with the fault under which some mutants do not. */
import { setTimeout as delay } from "node:timers/promises";
import type { WorkflowDefinitionInput } from "@agent-hive/contracts";
import type { Verdict } from "../history/index.js";
import { RecordedHive } from "./recorded-hive.js";

interface Scenario {
  agents: number;
  slots: number;
  run(run: RecordedHive): Promise<void>;
}

type TaskInput = NonNullable<WorkflowDefinitionInput["tasks"]>[number];

const task = (id: string, input: object = {}, options: Partial<TaskInput> = {}): TaskInput => ({
  id,
  agentType: "backend",
  handler: "effect",
  input: input as TaskInput["input"],
  retry: { maxAttempts: 3, initialDelayMs: 20, maxDelayMs: 20 },
  ...options,
});

/** One task, two that need it, and one that needs both. */
const diamond = (ms: number): WorkflowDefinitionInput => ({
  name: "diamond",
  tasks: [
    task("first", { ms }),
    task("left", { ms }, { dependsOn: ["first"] }),
    task("right", { ms }, { dependsOn: ["first"] }),
    task("join", { ms }, { dependsOn: ["left", "right"] }),
  ],
});

/** So many tasks side by side. */
const abreast = (count: number, ms: number): WorkflowDefinitionInput => ({
  name: "abreast",
  tasks: Array.from({ length: count }, (_, index) => task(`task_${index}`, { ms })),
});

/** Long enough for a task that should wait meanwhile to be run, were it dispatched: also behind others. */
const PATIENT_RETRY = { maxAttempts: 3, initialDelayMs: 1_000, maxDelayMs: 1_000 };

/** A task that fails once, and one that needs it. */
const retried = (ms: number): WorkflowDefinitionInput => ({
  name: "retried",
  tasks: [
    task("again", { ms, untilAttempt: 2 }, { retry: PATIENT_RETRY }),
    task("after", {}, { dependsOn: ["again"] }),
  ],
});

const STARTED = "task where state = 'dispatched'";
const SUCCEEDED = "task where state = 'succeeded'";

const END_ACTIVE_CONNECTIONS = `
  select pg_terminate_backend(pid) from pg_stat_activity
  where datname = current_database() and pid <> pg_backend_pid() and state = 'active'`;

/** Kills agents while they hold work; there is some of every kind. */
const killing = (agents: number, victims: string[]): Scenario => ({
  agents,
  slots: 4,
  async run(run) {
    await run.submit(diamond(100), "twice");
    await run.submit(diamond(100), "twice");
    await run.submit(retried(0));
    await run.submit(abreast(24, 100));
    await run.untilCounted(4, SUCCEEDED);
    for (const victim of victims) run.kill(victim);
  },
});

/** Copies the first entry with this text in it that is added to a stream from now on, before anybody can delete it. */
function copyNext(run: RecordedHive, stream: string, text: string): Promise<string[]> {
  const reader = run.openRedis();
  const read = async (): Promise<string[]> => {
    for (let last = "$"; ;) {
      const reply = await reader.xread("BLOCK", 30_000, "STREAMS", stream, last);
      for (const [id, fields] of reply?.[0]?.[1] ?? []) {
        last = id;
        if (fields.some((value) => value.includes(text))) return fields;
      }
    }
  };
  const entry = read();
  entry.catch(() => undefined); // it may be cut off before anybody waits for it
  return entry;
}

/** The same result, of another task of the workflow. */
const aboutPosition = (fields: string[], position: number): string[] =>
  fields.map((value, index) =>
    fields[index - 1] === "k"
      ? value.replace(/:\d+$/, `:${position}`)
      : value.replace(/"position":\d+/, `"position":${position}`),
  );

const SCENARIOS = {
  oneAgentKilled: killing(3, ["backend-1"]),
  agentsKilled: killing(2, ["backend-1", "backend-2"]),

  /** An entry comes again long after it was dealt with, as from a zombie: a failed result, and a task. */
  entriesRepeated: {
    agents: 1,
    slots: 4,
    async run(run) {
      const { results } = run.keys;
      const agentStream = run.keys.stream("agent_messages:backend");
      const message = copyNext(run, agentStream, "again");
      const failure = copyNext(run, results, '"failed"');
      const success = copyNext(run, results, '"succeeded"');
      const tasks = [task("again", { ms: 400, untilAttempt: 2 }), task("after", { ms: 400 }, { dependsOn: ["again"] })];
      await run.submit({ name: "again", tasks });
      const [old, failed] = await Promise.all([message, failure]);
      await run.untilCounted(1, "task where state = 'dispatched' and attempt = 2");
      await run.strike("repeat", async () => {
        await run.redis.xadd(agentStream, "*", ...old);
        await run.redis.xadd(results, "*", ...failed);
      });
      const succeeded = await success;
      await run.untilCounted(1, "task where task_id = 'after' and state = 'dispatched'");
      await run.strike("repeat", () => run.redis.xadd(results, "*", ...succeeded));
    },
  },

  /** A running workflow is cancelled while some of its tasks run and others wait; a result of one comes later still. */
  workflowCancelled: {
    agents: 1,
    slots: 2,
    async run(run) {
      const result = copyNext(run, run.keys.results, '"succeeded"');
      const id = await run.submit(abreast(8, 300));
      await run.submit(abreast(2, 100));
      const fields = await result;
      await run.untilCounted(4, STARTED);
      await delay(150);
      await run.strike("cancel", () => run.hive.client.cancel(id));
      const cancelled = "select position from task where workflow_id = $1 and state = 'cancelled' and attempt = 1";
      const { rows } = await run.database.query(cancelled, [id]);
      await run.strike("late", () => run.redis.xadd(run.keys.results, "*", ...aboutPosition(fields, rows[0].position)));
    },
  },

  /** The group of the agents is gone: all that was delivered is delivered again, to whoever comes first. */
  groupDestroyed: {
    agents: 2,
    slots: 2,
    async run(run) {
      await run.submit(abreast(16, 300));
      await run.untilCounted(1, SUCCEEDED);
      await run.strike("lose", () =>
        run.redis.xgroup("DESTROY", run.keys.stream("agent_messages:backend"), "backend_engineers_consumers"),
      );
    },
  },

  /** A stream is gone with all that was in it. */
  streamDeleted: {
    agents: 1,
    slots: 2,
    async run(run) {
      await run.submit(abreast(12, 200));
      await run.untilCounted(1, SUCCEEDED);
      await run.strike("lose", () => run.redis.del(run.keys.stream("agent_messages:backend")));
    },
  },

  /** Redis loses everything, and the next submission comes before anybody has noticed. */
  redisWiped: {
    agents: 1,
    slots: 4,
    async run(run) {
      await run.submit(diamond(200));
      await run.submit(abreast(12, 200));
      await run.untilCounted(1, SUCCEEDED);
      await run.wipe();
      await run.submit(diamond(0));
    },
  },

  /** The only agent is declared dead while it stands still, and wakes up with results in hand. */
  onlyAgentFrozen: {
    agents: 1,
    slots: 4,
    async run(run) {
      await run.submit(abreast(8, 250));
      await run.untilCounted(1, SUCCEEDED);
      await delay(100);
      run.freeze("backend-1");
      await run.hive.until(
        "the verdict",
        () => run.redis.scard(run.keys.dead),
        (dead) => dead > 0,
      );
      await delay(500);
      run.thaw("backend-1");
    },
  },

  /** The only router stands still while workflows come: their messages wait one behind the other. */
  routerStalled: {
    agents: 1,
    slots: 4,
    async run(run) {
      await run.stalled("router", async () => {
        for (let i = 0; i < 4; i++) await run.submit(diamond(0));
      });
    },
  },

  /** Entries are handed to an agent whose reading connection breaks before it has seen them. */
  replyLost: {
    agents: 1,
    slots: 2,
    async run(run) {
      const [stream, group] = [run.keys.stream("agent_messages:backend"), "backend_engineers_consumers"];
      await run.submit(abreast(8, 300));
      await run.untilCounted(8, STARTED);
      await delay(150);
      const [consumer] = (await run.redis.xinfo("CONSUMERS", stream, group)) as string[][];
      const clients = (await run.redis.client("LIST")) as string;
      const reader = clients.split("\n").find((line) => line.includes(` name=backend-1:${group} `))!;
      await run.strike("reply-lost", async () => {
        await run.redis.xreadgroup("GROUP", group, consumer![1]!, "COUNT", 3, "STREAMS", stream, ">");
        await run.redis.client("KILL", "ID", /id=(\d+)/.exec(reader)![1]!);
      });
    },
  },

  /** Nothing can be recorded for a while; results wait. */
  recordingHeldUp: {
    agents: 1,
    slots: 4,
    async run(run) {
      await run.submit(abreast(12, 100));
      await run.untilCounted(1, SUCCEEDED);
      await run.strike("hold-up", async () => {
        await run.database.query("begin; lock table task in exclusive mode");
        await delay(3_500);
        await run.database.query("commit");
      });
    },
  },

  /** PostgreSQL ends connections in the middle of recording: each time the engine has been made to wait for a row there. */
  databaseCutOff: {
    agents: 1,
    slots: 16,
    async run(run) {
      for (let i = 0; i < 20; i++) await run.submit(abreast(10, 100));
      for (let i = 0; i < 3; i++) {
        await run.database.query("begin");
        await run.database.query("select from workflow for update");
        await run.untilCounted(1, "pg_locks where not granted");
        await run.strike("cut-off", () => run.database.query(END_ACTIVE_CONNECTIONS));
        await run.database.query("commit");
      }
    },
  },

  /** The results of a join's two parents are recorded at the same time: both wait for a row that a third one holds. */
  joinsRaced: {
    agents: 1,
    slots: 4,
    async run(run) {
      const [left, right, join] = ["left", "right", "join"];
      const tasks = [task(left, { ms: 100 }), task(right, { ms: 200 }), task(join, {}, { dependsOn: [left, right] })];
      await run.submit({ name: "raced", tasks });
      await run.strike("hold-up", async () => {
        await run.database.query("begin");
        await run.database.query("select from task where task_id = $1 for update", [join]);
        await run.untilCounted(2, "pg_locks where not granted");
        await run.database.query("commit");
      });
    },
  },
} satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;
export const SCENARIO_NAMES = Object.keys(SCENARIOS) as ScenarioName[];

/**
 * Runs a scenario in a hive of its own, and judges it.
 *
 * @param env of all services; how a mutant is made.
 */
export async function runScenario(name: ScenarioName, env: NodeJS.ProcessEnv = {}): Promise<Verdict> {
  const scenario: Scenario = SCENARIOS[name];
  const { agents, slots } = scenario;
  const hive = await RecordedHive.start({ agents, slots, env });
  try {
    // What a scenario waits for may never come in a broken hive: then that is what is judged.
    const failure = await scenario.run(hive).then(
      () => undefined,
      (error: unknown) => error,
    );
    await hive.settled();
    const verdict = await hive.verdict();
    if (failure !== undefined && verdict.verdict !== "violated") throw failure;
    return verdict;
  } finally {
    await hive.close();
  }
}
