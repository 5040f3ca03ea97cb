/** Which services make a hive, and where their programs lie. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { LauncherError } from "../launcher-error.js";

/** packages/launcher/dist/hive → the repository. */
const REPOSITORY = resolve(import.meta.dirname, "..", "..", "..", "..");

/** One process of the hive. */
export interface ServiceSpec {
  /** Its name in this hive, e.g. `backend-1`. */
  name: string;
  /** The folder below `apps/`, e.g. `agent-backend`. */
  service: string;
  /** The program, if it is not `apps/<service>/dist/main.js`. */
  script?: string;
  /** Settings of its own, over those of the hive. */
  env?: NodeJS.ProcessEnv;
  /** Starts it again when it dies. Default true. */
  restart?: boolean;
}

/** The service of each agent type of the demonstration. */
export const AGENT_SERVICES = {
  architects: "agent-architect",
  backend: "agent-backend",
  frontend: "agent-frontend",
  qa: "agent-qa",
} as const;

export type AgentType = keyof typeof AGENT_SERVICES;

/** Services that others need come first in starting and last in stopping; whatever is not listed is an agent. */
const STAGES: Record<string, number> = { "workflow-engine": 0, "group-coordinator": 1, router: 2 };
const AGENT_STAGE = 3;

export function stageOf(service: string): number {
  return STAGES[service] ?? AGENT_STAGE;
}

/** The services beside the agents. */
const CORE_SERVICES = ["workflow-engine", "group-coordinator", "router"] as const;

export type CoreService = (typeof CORE_SERVICES)[number];

/**
 * A whole hive: engines, routers, coordinators, and agents.
 *
 * @param agentsPerType processes of each agent type, for all types or one by one (a type left out has none).
 * @param replicas of each other service, for all or one by one. Default 1. The first is named as the service, the second
 *   e.g. `router-2`.
 */
export function defaultServices(
  agentsPerType: number | Partial<Record<AgentType, number>> = 2,
  replicas: number | Partial<Record<CoreService, number>> = 1,
): ServiceSpec[] {
  const agents = (Object.keys(AGENT_SERVICES) as AgentType[]).flatMap((type) => {
    const count = typeof agentsPerType === "number" ? agentsPerType : (agentsPerType[type] ?? 0);
    return Array.from({ length: count }, (_, index) => agentService(type, index + 1));
  });
  const core = CORE_SERVICES.flatMap((service) => {
    const count = typeof replicas === "number" ? replicas : (replicas[service] ?? 1);
    return Array.from({ length: count }, (_, index) => ({
      name: index === 0 ? service : `${service}-${index + 1}`,
      service,
    }));
  });
  return [...core, ...agents];
}

/** The `number`th process of an agent type, e.g. `backend-3`. */
export function agentService(type: AgentType, number: number): ServiceSpec {
  const name = `${type}-${number}`;
  return { name, service: AGENT_SERVICES[type], env: { HIVE_AGENT_ID: name } };
}

/**
 * The program of a service.
 *
 * @throws LauncherError NOT_BUILT
 */
export function scriptOf({ service, script }: ServiceSpec): string {
  const program = script ?? join(REPOSITORY, "apps", service, "dist", "main.js");
  if (existsSync(program)) return program;
  throw new LauncherError(
    "NOT_BUILT",
    `The program of "${service}" is missing: ${program}. Run "npm run build" first.`,
  );
}

/** Where Node keeps compiled code between starts, so that a dozen services need not compile the same modules. */
export const COMPILE_CACHE = join(REPOSITORY, "node_modules", ".cache", "agent-hive", "node-compile-cache");
