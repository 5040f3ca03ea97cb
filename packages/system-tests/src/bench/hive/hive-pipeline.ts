import { join } from "node:path";
import pg from "pg";
import { AgentCrashSimulator, GroupAgentDirectory } from "@agent-hive/chaos";
import { HiveClient } from "@agent-hive/client";
import type { WorkflowDefinitionInput } from "@agent-hive/contracts";
import { HiveLauncher, defaultServices, type ServiceSpec } from "@agent-hive/launcher";
import type { Pipeline } from "../pipeline.js";
import type { Processes } from "../process-usage.js";

const SHARED_AGENT = join(import.meta.dirname, "shared-agent.main.js");
const REQUEST_WITHIN_MS = 120_000;

/** How agents are spread over processes: one type a process, as the product does, or all types in each. */
export type Layout = "per-type" | "shared";

export interface HiveOptions {
  databaseUrl: string;
  redisUrl: string;
  layout: Layout;
  /** Processes of each type, or in all with the layout "shared". */
  agents: number;
  /** Tasks at once of every agent. */
  slots: number;
  /** Settings for all services. */
  env?: NodeJS.ProcessEnv;
}

/** All real services, spoken to over HTTP. */
export class HivePipeline implements Pipeline {
  readonly idType = "uuid";
  readonly client: HiveClient;
  /** Kills agents. */
  readonly chaos: AgentCrashSimulator;

  private constructor(
    readonly launcher: HiveLauncher,
    readonly database: pg.Pool,
  ) {
    const { engineUrl, coordinatorUrl } = launcher;
    this.client = new HiveClient({ engineUrl, coordinatorUrl, timeoutMs: REQUEST_WITHIN_MS });
    const directory = new GroupAgentDirectory(
      () => this.client.groups(),
      (agentId) => launcher.supervisor.start(agentId),
    );
    this.chaos = new AgentCrashSimulator({ enabled: true, directory });
  }

  static async start({ databaseUrl, redisUrl, layout, agents, slots, env }: HiveOptions): Promise<HivePipeline> {
    const launcher = await HiveLauncher.start({
      services: layout === "shared" ? sharedServices(agents) : defaultServices(agents),
      stores: { databaseUrl, redisUrl },
      env: { HIVE_LOAD_HANDLERS: "true", HIVE_SLOTS: String(slots), HIVE_LOG_LEVEL: "warn", ...env },
      stopOnSignals: false,
    });
    return new HivePipeline(launcher, new pg.Pool({ connectionString: databaseUrl, max: 4 }));
  }

  async submit(definition: WorkflowDefinitionInput, count: number): Promise<string[]> {
    if (count === 1) return [(await this.client.submit(definition)).id];
    const accepted = await this.client.submitAll(Array.from({ length: count }, () => definition));
    return accepted.map(({ id }) => id);
  }

  async watch(workflowId: string): Promise<void> {
    for await (const { type } of this.client.watch(workflowId)) if (type === "end") return;
    throw new Error(`The events of workflow ${workflowId} broke off before its end.`);
  }

  processes(): Processes {
    const running = this.launcher.supervisor.list().filter(({ pid }) => pid !== undefined);
    return Object.fromEntries(running.map(({ name, pid }) => [name, pid!]));
  }

  async stop(): Promise<void> {
    await this.chaos.stop();
    await this.database.end();
    await this.launcher.stop();
  }
}

function sharedServices(agents: number): ServiceSpec[] {
  const shared = Array.from({ length: agents }, (_, index) => {
    const name = `agents-${index + 1}`;
    return { name, service: "agents", script: SHARED_AGENT, env: { HIVE_AGENT_ID: name } };
  });
  return [...defaultServices(0), ...shared];
}
