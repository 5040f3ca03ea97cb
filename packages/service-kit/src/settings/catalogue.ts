/**
 * Every setting of the product, declared once. What services read, what `hive config` shows and what docs/settings.md says
 * all come from here; a service has no way to read a setting that does not name it.
 */
import { MINIMUM_WINDOW } from "@agent-hive/domain";
import { LOG_LEVELS } from "@agent-hive/telemetry";
import { type Declaration, type ServiceName, type ValueOf, SERVICES } from "./declaration.js";
import { address, file, fraction, host, integer, listOf, oneOf, onOff, text, token } from "./value-types.js";

/** What serves HTTP and talks to Redis. */
const NODES = ["workflow-engine", "router", "group-coordinator", "agents", "metrics-validator"] as const;

const port = integer({ min: 0, max: 65_535 });

export const SETTINGS = {
  HIVE_CONFIG_FILE: {
    type: file,
    default: { none: "no file is read" },
    purpose: "A file with settings, in YAML or JSON.",
    reason: "Its values are weaker than flags and environment, so that one file can serve many processes.",
    services: SERVICES,
    flag: "--config",
  },
  DATABASE_URL: {
    type: address("postgres", "postgresql"),
    default: "postgres://hive:hive@127.0.0.1:5432/hive",
    purpose: "The PostgreSQL that holds the truth.",
    reason:
      "The account must be allowed to make tables and a sequence; coordinators all use the same one. To the validator one that may only read is enough.",
    services: ["workflow-engine", "group-coordinator", "metrics-validator", "launcher"],
    secret: true,
    own: { launcher: { default: { none: "an embedded PostgreSQL is started" } } },
  },
  REDIS_URL: {
    type: address("redis", "rediss"),
    default: "redis://127.0.0.1:6379",
    purpose: "The Redis that carries the messages.",
    reason: "Its maxmemory-policy must be noeviction: what Redis evicts would be lost until it is noticed.",
    services: [...NODES, "launcher"],
    secret: true,
    own: { launcher: { default: { none: "an embedded Redis is started" } } },
  },
  HIVE_KEY_PREFIX: {
    type: text({ max: 64 }),
    default: "",
    purpose: "Put before every key in Redis.",
    reason: "Several hives can share one Redis; all services of one hive have the same prefix.",
    services: NODES,
  },
  HIVE_HTTP_HOST: {
    type: host,
    default: "127.0.0.1",
    purpose: "Where the service listens for HTTP.",
    reason: "Loopback only, unless told otherwise; anywhere else HIVE_API_KEYS_FILE is needed.",
    services: NODES,
  },
  HIVE_API_KEYS_FILE: {
    type: file,
    default: { none: "nobody is asked for a key, and only this machine is served" },
    purpose: "The API keys that the service accepts: names, scopes and SHA-256 digests, in YAML or JSON.",
    reason: "Digests, so that whoever reads the file has no key. Health, metrics and the API's description need none.",
    services: NODES,
  },
  HIVE_HTTP_PORT: {
    type: port,
    default: "0",
    purpose: "The port for HTTP; 0 takes a free one, which the log names.",
    reason: "Only the engine has to be found at a known port; many agents run on one machine.",
    services: NODES,
    own: { "workflow-engine": { default: "3000" } },
  },
  HIVE_AGENT_ID: {
    type: text({ min: 1, max: 128 }),
    default: { none: "the service's name, the host's and the process id" },
    purpose: "The process's name, the same over all of its lives.",
    reason: "By it a coordinator names its connection to PostgreSQL, which cuts names at 63 characters.",
    services: NODES,
    // The connection is named by the id, a dot and twelve characters more.
    own: { "group-coordinator": { type: text({ min: 1, max: 50 }) } },
  },
  HIVE_AGENT_TYPES_FILE: {
    type: file,
    default: { none: "`infra/agent-types.yaml` in or above the program's folder" },
    purpose: "The agent types and their groups.",
    reason: "All services of one hive need the same file.",
    services: NODES,
  },
  HIVE_LOAD_HANDLERS: {
    type: onOff,
    default: "false",
    purpose: "Enables the handlers noop, echo, hash, count, effect and fault, in all services alike.",
    reason: "They only make load and trouble, so they are off where work is done.",
    services: NODES,
  },
  HIVE_LOG_LEVEL: {
    type: oneOf(LOG_LEVELS),
    default: "info",
    purpose: "The least severe log lines that are written; at debug the hive command shows stacks too.",
    reason: "info tells life events; debug explains, and costs.",
    services: [...NODES, "cli"],
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    type: address("http", "https"),
    default: { none: "no spans are written" },
    purpose: "Where spans go, by OTLP over HTTP: a collector, or Jaeger itself.",
    reason: "OpenTelemetry's own name for it. Without it no process has OpenTelemetry in memory.",
    services: ["workflow-engine", "router", "agents"],
  },
  HIVE_TRACE_RATIO: {
    type: fraction,
    default: "1",
    unit: "share",
    purpose: "Share of the workflows whose spans are written, 0 to 1, decided when they are submitted.",
    reason: "Workflows that fail, and those with a crash, have spans of their attempts in any case.",
    services: ["workflow-engine"],
  },
  HIVE_TRACES_PER_SECOND: {
    type: integer({ min: 0, max: 1_000_000 }),
    default: "50",
    unit: "workflows a second",
    purpose: "No more workflows than these are traced in each engine, whatever their share.",
    reason: "A workflow of eleven tasks has about 80 spans: nobody looks at more of them, and each costs.",
    services: ["workflow-engine"],
  },
  HIVE_DATABASE_CONNECTIONS: {
    type: integer({ min: 1, max: 100 }),
    default: "6",
    unit: "connections",
    purpose: "Connections to PostgreSQL for submitting, recording and dispatching; three more serve reads.",
    reason: "Each submission or batch of results takes one for a few milliseconds.",
    services: ["workflow-engine"],
  },
  HIVE_BACKLOG_LIMIT: {
    type: integer({ min: 0, max: 1_000_000_000 }),
    default: "1000000",
    unit: "tasks",
    purpose: "Ready tasks that may wait in PostgreSQL; above it submissions are answered 429.",
    reason: "More work comes in than agents do; it is better told than queued without end.",
    services: ["workflow-engine"],
  },
  HIVE_REDISPATCH_PER_SECOND: {
    type: integer({ min: 1, max: 10_000_000 }),
    default: "50000",
    unit: "tasks a second",
    purpose: "Tasks that one engine dispatches anew at most after Redis has lost its data.",
    reason: "Each takes about 10 µs of Redis: half of its time is left for the work that goes on meanwhile.",
    services: ["workflow-engine"],
  },
  HIVE_WINDOW_MINIMUM: {
    type: integer({ min: 1, max: 100_000 }),
    default: String(MINIMUM_WINDOW),
    unit: "tasks",
    purpose: "Smallest number of tasks that an agent type may have in Redis.",
    reason: "Enough for a group that has no consumer yet to start at once when one comes.",
    services: ["workflow-engine"],
  },
  HIVE_ENGINE_URL: {
    type: listOf(address("http", "https")),
    default: "http://127.0.0.1:3000",
    purpose: "The engines, any of which gives outputs of other tasks and stores large ones.",
    reason: "The engine's default address.",
    services: ["agents"],
  },
  HIVE_SLOTS: {
    type: integer({ min: 1, max: 10_000 }),
    default: "1",
    unit: "tasks",
    purpose: "Tasks at once in one agent process.",
    reason: "A task that kills its process then takes no other with it; handlers that mostly wait can share one.",
    services: ["agents"],
  },
  HIVE_DRAIN_MS: {
    type: integer({ min: 0, max: 3_600_000 }),
    default: "10000",
    unit: "ms",
    purpose: "How long running tasks may go on after SIGTERM, before they are handed to another process, uncharged.",
    reason: "Longer than most tasks take; the process ends within two seconds more, a second SIGTERM ends the wait.",
    services: ["agents", "launcher"],
  },
  HIVE_CHAOS_ENABLED: {
    type: onOff,
    default: "false",
    purpose: "Lets whoever simulates crashes have this process stand still at a moment of a task.",
    reason: "Nobody is hurt where it was not asked for.",
    services: ["agents"],
  },
  HIVE_MEASURED_TASKS: {
    type: integer({ min: 1, max: 1_000_000 }),
    default: "50000",
    unit: "tasks",
    purpose: "Tasks that one measurement reads one by one; of more than these a sample is read, and the rest counted.",
    reason: "Each is told with its history, which takes some five kilobytes of memory meanwhile.",
    services: ["metrics-validator"],
  },
  HIVE_CLOCK_TOLERANCE_MS: {
    type: integer({ min: 1, max: 60_000 }),
    default: "1",
    unit: "ms",
    purpose: "How far the clocks of agents, Redis and PostgreSQL may differ before an order of times counts as wrong.",
    reason: "Agents note whole milliseconds; across machines it is what their time service keeps.",
    services: ["metrics-validator"],
  },
  HIVE_TARGETS_FILE: {
    type: file,
    default: { none: "`packages/measurement/targets.json`" },
    purpose: "The targets that runs are held against.",
    reason: "The product's own floors and aims, unless an installation has others.",
    services: ["metrics-validator"],
  },
  HIVE_API_KEY: {
    type: token({ min: 16, max: 512 }),
    default: { none: "requests bear no key" },
    purpose: "The key that is sent with every request to services that ask for one.",
    reason:
      "Agents need the scopes read and artifacts, commands read and write. Keys of 32 random bytes cannot be guessed.",
    services: ["agents", "cli"],
    secret: true,
  },
  HIVE_TRACE_URL: {
    type: address("http", "https"),
    default: { none: "no links to traces are told" },
    purpose:
      "Where a trace is looked at, with `{traceId}` in place of its id, e.g. `http://127.0.0.1:16686/trace/{traceId}`. The engine tells it of each workflow, and the report of a demonstration links to it.",
    reason: "Jaeger, Grafana and others have addresses of their own.",
    services: ["workflow-engine", "cli"],
  },
  HIVE_URL: {
    type: address("http", "https"),
    default: { none: "the hive that runs in the state folder" },
    purpose: "The workflow engine that commands, load tests and fuzzing talk to.",
    reason: "`hive dev` writes its addresses into the state folder, so that they need not be given.",
    services: ["cli"],
  },
  HIVE_COORDINATOR_URL: {
    type: address("http", "https"),
    default: { none: "the hive that runs in the state folder" },
    purpose: "The group coordinator that `hive groups` asks.",
    reason: "As for HIVE_URL.",
    services: ["cli"],
  },
} as const satisfies Record<string, Declaration>;

/**
 * Variables that only tests set. They are no settings: no file and no flag gives them, nothing checks them, and outside of
 * tests they are not set.
 */
export const TEST_SWITCHES = {
  HIVE_CRASH_POINTS: "A folder; a process that finds a file with the name of a crash point in it kills itself there.",
  HIVE_HISTORY: "A folder; each process writes into it what it does, for the judgement of a run.",
  HIVE_EFFECTS_SOCKET: "A unix socket that is told of every run of the handler `effect`.",
  HIVE_MUTANT: "A defect that a service is given as it is loaded, to see the tests notice it.",
} as const;

export type SettingName = keyof typeof SETTINGS;

/** The settings of one service, as `readSettings` gives them. */
export type SettingsOf<Service extends ServiceName> = {
  readonly [Name in SettingName as Service extends (typeof SETTINGS)[Name]["services"][number] ? Name : never]: ValueOf<
    (typeof SETTINGS)[Name],
    Service
  >;
};

/** The names of all settings, in the order of the documents. */
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

export const isSettingName = (name: string): name is SettingName => Object.hasOwn(SETTINGS, name);

/** The flag of a setting, e.g. `--slots`. */
export function flagOf(name: SettingName): string {
  const { flag }: Declaration = SETTINGS[name];
  return (
    flag ??
    `--${name
      .replace(/^HIVE_/, "")
      .toLowerCase()
      .replaceAll("_", "-")}`
  );
}

/** What is declared of a setting, as it holds for one service. */
export function declarationOf(name: SettingName, service: ServiceName): Declaration {
  const declared: Declaration = SETTINGS[name];
  return { ...declared, ...declared.own?.[service] };
}

/** What one service reads. */
export function namesOf(service: ServiceName): SettingName[] {
  return SETTING_NAMES.filter((name) => (SETTINGS[name].services as readonly ServiceName[]).includes(service));
}
