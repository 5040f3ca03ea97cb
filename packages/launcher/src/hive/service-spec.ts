/** Which services make a hive, and where their programs lie. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { SETTINGS } from "@agent-hive/service-kit/settings";
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
const STAGES: Record<string, number> = {
  "workflow-engine": 0,
  "group-coordinator": 1,
  "metrics-validator": 1,
  router: 2,
};
const AGENT_STAGE = 3;

export function stageOf(service: string): number {
  return STAGES[service] ?? AGENT_STAGE;
}

/** The services that every hive has, of which any number of replicas may run. */
const CORE_SERVICES = ["workflow-engine", "group-coordinator", "router"] as const;

export type CoreService = (typeof CORE_SERVICES)[number];

/** How many processes there are of each kind: of all alike, or one by one. */
export type Counts<Kind extends string> = number | Partial<Record<Kind, number>>;

/**
 * A whole hive: engines, routers, coordinators, and agents.
 *
 * @param agentsPerType processes of each agent type (a type left out has none).
 * @param replicas processes of each other service (one left out has one).
 */
export function defaultServices(
  agentsPerType: Counts<AgentType> = 2,
  replicas: Counts<CoreService> = 1,
): ServiceSpec[] {
  const core = CORE_SERVICES.flatMap((service) => upTo(countOf(replicas, service, 1), (n) => replica(service, n)));
  const agents = (Object.keys(AGENT_SERVICES) as AgentType[]).flatMap((type) =>
    upTo(countOf(agentsPerType, type, 0), (n) => agentService(type, n)),
  );
  return [...core, ...agents];
}

const countOf = <Kind extends string>(counts: Counts<Kind>, kind: Kind, otherwise: number): number =>
  typeof counts === "number" ? counts : (counts[kind] ?? otherwise);

const upTo = <T>(count: number, make: (number: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index + 1));

/** The first replica bears the name of its service, the others a number: `router`, `router-2`. */
function replica(service: CoreService, number: number): ServiceSpec {
  return { name: number === 1 ? service : `${service}-${number}`, service };
}

/** The `number`th process of an agent type, e.g. `backend-3`. */
export function agentService(type: AgentType, number: number): ServiceSpec {
  const name = `${type}-${number}`;
  return { name, service: AGENT_SERVICES[type], env: { HIVE_AGENT_ID: name } };
}

/** The service that measures a run of the hive; no hive needs it. */
export const VALIDATOR_SERVICE: ServiceSpec = { name: "metrics-validator", service: "metrics-validator" };

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

/** From so many tasks at once an agent is there for throughput. */
const MANY_SLOTS = 32;

/**
 * How the heap of a service grows. By default the young generation takes up to 48 MB in every process and the old one
 * doubles: under a burst the engine stood at 330 MB and all others at 180 to 200. What keeps whole batches for a while needs
 * room, or it spends its time on collecting: the engine 28 µs a task with a young generation of 2 MB, 15 with 8; agents of
 * hundreds of slots took half as much again with the least. An agent that runs a task or a few at once stands 15 MB lower
 * with the least, and is none the slower.
 *
 * Node's compile cache is not used: code from it is in memory as a whole, 8 MB more in each process and 16 in the engine, and a
 * hive of twelve processes starts no more than 0.6 s sooner.
 *
 * @param env the settings that it is started with.
 */
export function nodeFlagsOf({ service }: ServiceSpec, env: NodeJS.ProcessEnv): string[] {
  if (service === "workflow-engine") return ["--max-semi-space-size=8", "--heap-growing-percent=50"];
  const isAgent = stageOf(service) === AGENT_STAGE;
  const isLean = isAgent && Number(env["HIVE_SLOTS"] || SETTINGS.HIVE_SLOTS.default) < MANY_SLOTS;
  return isLean ? ["--optimize-for-size"] : ["--max-semi-space-size=2", "--heap-growing-percent=40"];
}

/**
 * glibc gives every thread a heap of its own, which none of these few need: 3 to 5 MB a process. And it keeps what is freed,
 * unless it is told from when on to give it back: another 3 to 10 MB in agents that start processes and fetch.
 */
export const ALLOCATOR_SETTINGS: NodeJS.ProcessEnv = {
  MALLOC_ARENA_MAX: "1",
  MALLOC_MMAP_THRESHOLD_: "65536",
  MALLOC_TRIM_THRESHOLD_: "131072",
};

/** How long any service may take to leave after it has drained. */
const LEAVE_WITHIN_MS = 20_000;

/** How long a service with these settings may take to stop: killed before it has handed back, it would look like a crash. */
export function stopWithinMsOf(env: NodeJS.ProcessEnv): number {
  return Number(env["HIVE_DRAIN_MS"] || SETTINGS.HIVE_DRAIN_MS.default) + LEAVE_WITHIN_MS;
}
