import { randomBytes } from "node:crypto";
import pg from "pg";
import { AgentCrashSimulator, EventTaskMoments, GroupAgentDirectory, RedisMomentOrders } from "@agent-hive/chaos";
import { EventRecorder, HiveClient } from "@agent-hive/client";
import {
  createKeys,
  type AttemptView,
  type Keys,
  type SubmittedWorkflow,
  type TaskView,
  type WorkflowDefinitionInput,
  type WorkflowView,
} from "@agent-hive/contracts";
import { HiveLauncher, type HiveLauncherOptions } from "@agent-hive/launcher";
import { Redis } from "ioredis";
import { HiveAccounts } from "./stores/hive-accounts.js";
import { HiveRedis } from "./hive-redis.js";

const TERMINAL_WITHIN_MS = 60_000;

/** A whole hive of real processes, with a database and a key prefix of its own on the stores of the test run. */
export class TestHive {
  /** Strikes agents, exactly at a moment of a task if it is armed. */
  readonly chaos: AgentCrashSimulator;
  /** What the hive tells about itself since it was started. */
  readonly events: EventRecorder;
  /** Its keys in Redis. */
  readonly store: HiveRedis;
  private readonly orders: RedisMomentOrders;

  private constructor(
    readonly launcher: HiveLauncher,
    readonly client: HiveClient,
    /** Of all its keys in Redis. */
    readonly keyPrefix: string,
    /** Its database, by the straight way. */
    readonly databaseUrl: string,
    private readonly cleanUp: () => Promise<void>,
  ) {
    this.events = new EventRecorder(client);
    this.store = new HiveRedis(new Redis(launcher.redisUrl), keyPrefix);
    this.orders = new RedisMomentOrders(launcher.redisUrl, this.keys);
    const moments = new EventTaskMoments(this.orders);
    this.events.on((event) => moments.observe(event));
    this.events.start();
    const revive = (agentId: string) => launcher.supervisor.start(agentId);
    const directory = new GroupAgentDirectory(() => client.groups(), revive);
    this.chaos = new AgentCrashSimulator({ enabled: true, directory, moments });
  }

  static async start(
    options: Pick<HiveLauncherOptions, "agentsPerType" | "replicas" | "services" | "readyWithinMs"> & {
      env?: NodeJS.ProcessEnv;
      /** Servers of the test's own. Default: those of the test run. */
      stores?: { databaseUrl?: string; redisUrl?: string };
      /** The way by which the services reach the database, if it is not the straight one: a proxy's URL. */
      wayToDatabase?: (databaseUrl: string) => Promise<string>;
      /**
       * Whether each service has accounts with the rights that it needs, and no more. Default true on the servers of the test
       * run; services that were made to do what they should not need false.
       */
      accounts?: boolean;
      /** How long the client waits for an engine before it asks another, in ms. Default 30 s. */
      askAnotherAfterMs?: number;
    } = {},
  ) {
    const { stores, wayToDatabase, askAnotherAfterMs, accounts: wantsAccounts = true, ...launching } = options;
    const name = `hive_system_${randomBytes(6).toString("hex")}`;
    const server = new URL(stores?.databaseUrl ?? required("DATABASE_URL"));
    const redisUrl = stores?.redisUrl ?? required("REDIS_URL");
    const database = new URL(server);
    database.pathname = `/${name}`;
    await administer(server, `CREATE DATABASE ${name}`);
    // Servers of a test's own may be started anew, and know no accounts then.
    const hasAccounts = wantsAccounts && !stores;
    const accounts = hasAccounts
      ? new HiveAccounts(name, database.href, redisUrl, createKeys(prefixOf(name)))
      : undefined;
    const cleanUp = async () => {
      await administer(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await accounts?.drop(server.href);
    };
    try {
      await accounts?.make();
      const launcher = await HiveLauncher.start({
        ...launching,
        stores: { databaseUrl: (await wayToDatabase?.(database.href)) ?? database.href, redisUrl },
        env: {
          HIVE_KEY_PREFIX: prefixOf(name),
          HIVE_LOAD_HANDLERS: "true",
          HIVE_CHAOS_ENABLED: "true",
          ...options.env,
        },
        ...(accounts && { envOf: ({ service }) => accounts.settingsOf(service) }),
        stopOnSignals: false,
      });
      const { engineUrls: engineUrl, coordinatorUrls: coordinatorUrl } = launcher;
      const client = new HiveClient({ engineUrl, coordinatorUrl, timeoutMs: askAnotherAfterMs });
      return new TestHive(launcher, client, prefixOf(name), database.href, cleanUp);
    } catch (error) {
      await cleanUp();
      throw error;
    }
  }

  submit(definition: WorkflowDefinitionInput): Promise<SubmittedWorkflow> {
    return this.client.submit(definition);
  }

  /** The workflow once it has ended, however that may be. */
  async ended(workflowId: string, withinMs = TERMINAL_WITHIN_MS): Promise<WorkflowView> {
    const signal = AbortSignal.timeout(withinMs);
    for (;;) {
      // The stream of events ends with the workflow; it breaks when the engine is killed, and is opened again.
      try {
        for await (const event of this.client.watch(workflowId, { signal })) void event;
        const workflow = await this.client.workflow(workflowId);
        if (workflow.state !== "running") return workflow;
      } catch (error) {
        if (signal.aborted) throw await this.stuck(workflowId, error);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** How often each task's result was recorded as succeeded. */
  async recordings(workflowId: string): Promise<Record<string, number>> {
    const attempts = await this.client.attempts(workflowId);
    const counts: Record<string, number> = {};
    for (const { taskId, outcome } of attempts) if (outcome === "succeeded") counts[taskId] = (counts[taskId] ?? 0) + 1;
    return counts;
  }

  async attemptsOf(workflowId: string, taskId: string): Promise<AttemptView[]> {
    return (await this.client.attempts(workflowId)).filter((attempt) => attempt.taskId === taskId);
  }

  /** Asks until the answer fits; the error names what was waited for and what was last seen. */
  async until<T>(what: string, ask: () => Promise<T>, fits: (answer: T) => boolean, withinMs = 30_000): Promise<T> {
    const deadline = performance.now() + withinMs;
    let last: unknown;
    while (performance.now() < deadline) {
      try {
        const answer = await ask();
        if (fits(answer)) return answer;
        last = answer;
      } catch (error) {
        last = String(error);
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(
      `${what} did not come true within ${withinMs} ms; last seen: ${JSON.stringify(last)?.slice(0, 2000)}`,
    );
  }

  /** The names of its keys in Redis. */
  get keys(): Keys {
    return this.store.keys;
  }

  /** Stops all processes; what PostgreSQL has can still be looked at. */
  async halt(): Promise<void> {
    await this.chaos.stop();
    await this.events.stop();
    this.orders.close();
    this.store.redis.disconnect();
    await this.launcher.stop();
  }

  async stop(): Promise<void> {
    await this.halt();
    await this.cleanUp();
  }

  private async stuck(workflowId: string, cause: unknown): Promise<Error> {
    const tasks: TaskView[] = await this.client.tasks(workflowId).catch(() => []);
    const open = tasks
      .filter(({ state }) => state !== "succeeded")
      .map(({ id, state, attempt }) => `${id} ${state} (attempt ${attempt})`);
    return new Error(`Workflow ${workflowId} did not end in time. Open: ${open.join(", ")}`, { cause });
  }
}

const prefixOf = (name: string): string => `${name}:`;

function required(name: "DATABASE_URL" | "REDIS_URL"): string {
  const value = process.env[name];
  if (value === undefined)
    throw new Error(`${name} is not set. Run the tests with "npm test", which starts both stores.`);
  return value;
}

async function administer(server: URL, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: server.href });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
