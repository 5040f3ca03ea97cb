import { problemsOf, settingsFile } from "../test-fixtures/settings.js";
import {
  SETTINGS,
  SETTING_NAMES,
  TEST_SWITCHES,
  declarationOf,
  flagOf,
  namesOf,
  type SettingName,
} from "./catalogue.js";
import { SERVICES, type Declaration, type ServiceName } from "./declaration.js";
import { readSettings } from "./read-settings.js";
import type { SettingSources } from "./sources.js";

const THIS_FILE = import.meta.filename;

/** One text that is taken, one that is refused, and what there is without either. */
interface Example {
  valid: string;
  value: unknown;
  invalid: string;
  /** For the services that `own` does not name. */
  default: unknown;
  own?: { [Service in ServiceName]?: { default?: unknown; invalid?: string } };
}

const EXAMPLES: Record<SettingName, Example> = {
  HIVE_CONFIG_FILE: {
    valid: settingsFile(""),
    value: expect.any(String),
    invalid: "/nowhere.yaml",
    default: undefined,
  },
  DATABASE_URL: {
    valid: "postgresql://hive:s3cret@db:5433/other",
    value: "postgresql://hive:s3cret@db:5433/other",
    invalid: "s3cret@db",
    default: "postgres://hive:hive@127.0.0.1:5432/hive",
    own: { launcher: { default: undefined } },
  },
  REDIS_URL: {
    valid: "rediss://:s3cret@redis:6380",
    value: "rediss://:s3cret@redis:6380",
    invalid: "http://user:s3cret@host",
    default: "redis://127.0.0.1:6379",
    own: { launcher: { default: undefined } },
  },
  HIVE_KEY_PREFIX: { valid: "one:", value: "one:", invalid: "x".repeat(65), default: "" },
  HIVE_HTTP_HOST: { valid: "0.0.0.0", value: "0.0.0.0", invalid: "http://0.0.0.0", default: "127.0.0.1" },
  HIVE_API_KEYS_FILE: { valid: THIS_FILE, value: THIS_FILE, invalid: "/no/such/file", default: undefined },
  HIVE_API_KEY: {
    valid: "0123456789abcdef",
    value: "0123456789abcdef",
    invalid: "short",
    default: undefined,
  },
  HIVE_HTTP_PORT: {
    valid: "8080",
    value: 8080,
    invalid: "70000",
    default: 0,
    own: { "workflow-engine": { default: 3000 } },
  },
  HIVE_AGENT_ID: {
    valid: "backend-1",
    value: "backend-1",
    invalid: "x".repeat(129),
    default: undefined,
    own: { "group-coordinator": { invalid: "x".repeat(51) } },
  },
  HIVE_AGENT_TYPES_FILE: { valid: THIS_FILE, value: THIS_FILE, invalid: "/nowhere/types.yaml", default: undefined },
  HIVE_LOAD_HANDLERS: { valid: "1", value: true, invalid: "yes", default: false },
  HIVE_LOG_LEVEL: { valid: "debug", value: "debug", invalid: "loud", default: "info" },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    valid: "http://collector:4318",
    value: "http://collector:4318",
    invalid: "collector:4318",
    default: undefined,
  },
  HIVE_TRACE_RATIO: { valid: "0.01", value: 0.01, invalid: "1.5", default: 1 },
  HIVE_TRACES_PER_SECOND: { valid: "0", value: 0, invalid: "-1", default: 50 },
  HIVE_DATABASE_CONNECTIONS: { valid: "12", value: 12, invalid: "0", default: 6 },
  HIVE_BACKLOG_LIMIT: { valid: "0", value: 0, invalid: "-1", default: 1_000_000 },
  HIVE_REDISPATCH_PER_SECOND: { valid: "100", value: 100, invalid: "0.5", default: 50_000 },
  HIVE_WINDOW_MINIMUM: { valid: "64", value: 64, invalid: "0", default: 16 },
  HIVE_ENGINE_URL: {
    valid: "http://a:3000, https://b",
    value: ["http://a:3000", "https://b"],
    invalid: "http://a,b",
    default: ["http://127.0.0.1:3000"],
  },
  HIVE_SLOTS: { valid: "4", value: 4, invalid: "none", default: 1 },
  HIVE_DRAIN_MS: { valid: "60000", value: 60_000, invalid: "10 s", default: 10_000 },
  HIVE_CHAOS_ENABLED: { valid: "true", value: true, invalid: "on", default: false },
  HIVE_MEASURED_TASKS: { valid: "1000", value: 1000, invalid: "0", default: 50_000 },
  HIVE_CLOCK_TOLERANCE_MS: { valid: "20", value: 20, invalid: "1 ms", default: 1 },
  HIVE_TARGETS_FILE: { valid: THIS_FILE, value: THIS_FILE, invalid: "/nowhere/targets.json", default: undefined },
  HIVE_URL: { valid: "http://hive:3000", value: "http://hive:3000", invalid: "hive", default: undefined },
  HIVE_TRACE_URL: {
    valid: "http://jaeger/trace/{traceId}",
    value: "http://jaeger/trace/{traceId}",
    invalid: "jaeger/{traceId}",
    default: undefined,
  },
  HIVE_COORDINATOR_URL: { valid: "https://hive", value: "https://hive", invalid: "ftp://hive", default: undefined },
};

const declared = (name: SettingName): Declaration => SETTINGS[name];

/** Every setting with every service that reads it. */
const READ = SERVICES.flatMap((service) => namesOf(service).map((name) => ({ name, service })));

/** Each way of giving a value; HIVE_CONFIG_FILE is none that a file has. */
const WAYS: { origin: string; give: (name: SettingName, text: string) => SettingSources }[] = [
  { origin: "flag", give: (name, text) => ({ env: {}, args: [`${flagOf(name)}=${text}`] }) },
  { origin: "environment", give: (name, text) => ({ env: { [name]: text } }) },
  {
    origin: "file",
    give: (name, text) => ({ env: { HIVE_CONFIG_FILE: settingsFile(JSON.stringify({ [name]: text })) } }),
  },
];
const GIVEN = READ.flatMap(({ name, service }) =>
  WAYS.filter(({ origin }) => origin !== "file" || name !== "HIVE_CONFIG_FILE").map((way) => ({
    name,
    service,
    ...way,
  })),
);

test("every setting has examples, and there are none of what is no setting", () => {
  expect(Object.keys(EXAMPLES).sort()).toEqual([...SETTING_NAMES].sort());
});

test.each(GIVEN)("$service takes $name by $origin", ({ name, service, give }) => {
  const { valid, value } = EXAMPLES[name];
  expect(readSettings(service, give(name, valid))).toHaveProperty(name, value);
});

test.each(GIVEN)("$service refuses a $name that is not valid, by $origin", ({ name, service, origin, give }) => {
  const invalid = EXAMPLES[name].own?.[service]?.invalid ?? EXAMPLES[name].invalid;
  const problems = problemsOf(() => readSettings(service, give(name, invalid)));
  expect(problems).toEqual([expect.stringMatching(new RegExp(`^${name} .*\\(${origin}`))]);
  expect(problems[0]).toContain(`Give ${declarationOf(name, service).type.accepts}, or leave it out`);
  if (declared(name).secret) expect(problems[0]).not.toContain("s3cret");
  else expect(problems[0]).toContain(invalid.slice(0, 100));
});

test.each(READ)("without anything given, $service has the default of $name", ({ name, service }) => {
  const example = { ...EXAMPLES[name], ...EXAMPLES[name].own?.[service] };
  expect(readSettings(service, { env: {} })).toHaveProperty(name, example.default);
});

test("every example of one service's own is of a setting that declares it", () => {
  const own = (of: Partial<Record<ServiceName, object>> = {}) => Object.keys(of).sort();
  for (const name of SETTING_NAMES) expect([name, own(EXAMPLES[name].own)]).toEqual([name, own(declared(name).own)]);
});

test("no two settings share a flag, and every flag but one follows from the name", () => {
  const flags = SETTING_NAMES.map(flagOf);
  expect(new Set(flags).size).toBe(flags.length);
  expect(flagOf("HIVE_DRAIN_MS")).toBe("--drain-ms");
  expect(flagOf("DATABASE_URL")).toBe("--database-url");
  expect(flagOf("HIVE_CONFIG_FILE")).toBe("--config");
});

test("numbers that count something have a unit, and a name that ends in one has that", () => {
  const numbers = SETTING_NAMES.filter((name) => typeof EXAMPLES[name].value === "number");
  const withoutUnit = numbers.filter((name) => declared(name).unit === undefined);
  expect(withoutUnit).toEqual(["HIVE_HTTP_PORT"]);
  for (const name of SETTING_NAMES.filter((each) => each.endsWith("_MS"))) expect(declared(name).unit).toBe("ms");
});

test("what only tests switch is no setting", () => {
  expect(SETTING_NAMES.filter((name) => Object.hasOwn(TEST_SWITCHES, name))).toEqual([]);
});
