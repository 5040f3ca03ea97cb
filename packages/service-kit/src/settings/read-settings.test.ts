import { problemsOf, settingsFile } from "../test-fixtures/settings.js";
import { readSettings } from "./read-settings.js";
import type { SettingSources } from "./sources.js";

const agentProblems = (sources: SettingSources) => problemsOf(() => readSettings("agents", sources));

/** What an agent that reads a file with this text complains of, without the file's name. */
function fileProblems(text: string): string[] {
  const path = settingsFile(text);
  return agentProblems({ env: { HIVE_CONFIG_FILE: path } }).map((problem) => problem.replace(path, "FILE"));
}

test("a flag is stronger than the environment, that than the file, and that than the default", () => {
  const env = { HIVE_CONFIG_FILE: settingsFile("HIVE_SLOTS: 2\nHIVE_DRAIN_MS: 2\nHIVE_LOG_LEVEL: warn\n") };
  const stronger = { ...env, HIVE_SLOTS: "3", HIVE_DRAIN_MS: "3" };
  expect(readSettings("agents", { env: stronger, args: ["--slots", "4"] })).toMatchObject({
    HIVE_SLOTS: 4,
    HIVE_DRAIN_MS: 3,
    HIVE_LOG_LEVEL: "warn",
    HIVE_HTTP_HOST: "127.0.0.1",
  });
});

test("what is empty counts as not given, in every source", () => {
  const env = { HIVE_CONFIG_FILE: settingsFile("HIVE_SLOTS: 2\nHIVE_DRAIN_MS:\n"), HIVE_SLOTS: "" };
  expect(readSettings("agents", { env, args: ["--slots="] })).toMatchObject({ HIVE_SLOTS: 2, HIVE_DRAIN_MS: 10_000 });
});

test("--config is stronger than HIVE_CONFIG_FILE", () => {
  const [weak, strong] = [settingsFile("HIVE_SLOTS: 2"), settingsFile("HIVE_SLOTS: 3")];
  const settings = readSettings("agents", { env: { HIVE_CONFIG_FILE: weak }, args: ["--config", strong] });
  expect(settings).toMatchObject({ HIVE_SLOTS: 3, HIVE_CONFIG_FILE: strong });
});

test("of two equal flags the last one counts", () => {
  expect(readSettings("agents", { env: {}, args: ["--slots", "none", "--slots=4"] }).HIVE_SLOTS).toBe(4);
});

test("all problems of all sources are reported together, each with what to do", () => {
  const path = settingsFile("HIVE_HTTP_PORT: 70000\nHIVE_SLOT: 3\n");
  const env = { HIVE_CONFIG_FILE: path, HIVE_LOG_LEVEL: "loud", HIVE_DRAIN: "3" };
  expect(agentProblems({ env, args: ["--slots", "none", "--key-prefx=x"] })).toEqual([
    "--key-prefx is not known; did you mean --key-prefix?",
    "HIVE_DRAIN is not known; did you mean HIVE_DRAIN_MS?",
    `${path}: HIVE_SLOT is not known; did you mean HIVE_SLOTS?`,
    `HIVE_HTTP_PORT is "70000" (file ${path}). Give a whole number from 0 to 65535, or leave it out: it is then 0.`,
    'HIVE_LOG_LEVEL is "loud" (environment). Give one of fatal, error, warn, info, debug, trace, silent, or leave it out: it is then info.',
    'HIVE_SLOTS is "none" (flag --slots). Give a whole number from 1 to 10000, or leave it out: it is then 1.',
  ]);
});

test("another service's settings are let pass, whatever their values", () => {
  const file = settingsFile("HIVE_DRAIN_MS: soon\n");
  const env = { DATABASE_URL: "nonsense", HIVE_SLOTS: "none", HIVE_CONFIG_FILE: file };
  expect(problemsOf(() => readSettings("router", { env }))).toEqual([]);
});

test("a service has its own settings alone", () => {
  const env = { DATABASE_URL: "postgres://hive:s3cret@db/hive" };
  for (const service of ["router", "agents", "cli"] as const) {
    expect(JSON.stringify(readSettings(service, { env }))).not.toContain("s3cret");
  }
});

test("another service's flag is refused, and its reader named", () => {
  expect(problemsOf(() => readSettings("router", { env: {}, args: ["--slots", "4"] }))).toContain(
    "--slots has no effect here: it is for agents. Remove it.",
  );
});

test.each([
  { args: ["--slots"], problem: "--slots needs a value. Give a whole number from 1 to 10000." },
  { args: ["4"], problem: '"4" belongs to no flag; remove it.' },
  { args: ["--frobnicate"], problem: "--frobnicate is not known; docs/settings.md lists the flags." },
])("of the flags $args it is said: $problem", ({ args, problem }) => {
  expect(agentProblems({ env: {}, args })).toEqual([problem]);
});

test("a switch needs no value, and may have one", () => {
  const read = (...args: string[]) => readSettings("agents", { env: {}, args }).HIVE_LOAD_HANDLERS;
  expect([read("--load-handlers"), read("--load-handlers=false"), read()]).toEqual([true, false, false]);
});

test("a variable like no setting is told, and harms nobody", () => {
  const warnings: string[] = [];
  const env = { HIVE_QUEEN: "s3cret", PATH: "/bin", HIVE_SLOTS: "2" };
  expect(readSettings("agents", { env, warn: (warning) => warnings.push(warning) }).HIVE_SLOTS).toBe(2);
  expect(warnings).toEqual(["HIVE_QUEEN is not known and has no effect; docs/settings.md lists the names with HIVE_."]);
});

test("switches of tests, and what Kubernetes adds, are no misspelt settings", () => {
  const warn = (warning: string): never => {
    throw new Error(warning);
  };
  const env = {
    HIVE_HISTORY: "/tmp",
    HIVE_ENGINE_PORT: "tcp://10.0.0.1:3000",
    HIVE_ENGINE_SERVICE_HOST: "10.0.0.1",
    HIVE_ENGINE_PORT_3000_TCP_ADDR: "10.0.0.1",
  };
  expect(readSettings("agents", { env, warn }).HIVE_SLOTS).toBe(1);
});

test("a file may be YAML or JSON, and lists may be written as lists", () => {
  const files = [
    "# two engines\nHIVE_ENGINE_URL:\n  - http://a\n  - http://b\nHIVE_CHAOS_ENABLED: true\n",
    '{"HIVE_ENGINE_URL": ["http://a", "http://b"], "HIVE_CHAOS_ENABLED": true}',
  ];
  for (const env of files.map((text) => ({ HIVE_CONFIG_FILE: settingsFile(text) }))) {
    const { HIVE_ENGINE_URL, HIVE_CHAOS_ENABLED } = readSettings("agents", { env });
    expect({ HIVE_ENGINE_URL, HIVE_CHAOS_ENABLED }).toEqual({
      HIVE_ENGINE_URL: ["http://a", "http://b"],
      HIVE_CHAOS_ENABLED: true,
    });
  }
});

test("values in a file are taken as they are written, also where YAML would make numbers of them", () => {
  const env = { HIVE_CONFIG_FILE: settingsFile("HIVE_AGENT_ID: 007\nHIVE_KEY_PREFIX: 1e3\n") };
  expect(readSettings("agents", { env })).toMatchObject({ HIVE_AGENT_ID: "007", HIVE_KEY_PREFIX: "1e3" });
});

test.each([
  { text: "- HIVE_SLOTS\n", problem: "FILE: it must be one mapping of names to values." },
  {
    text: "HIVE_SLOTS: [1, 2]\n",
    problem: "FILE: HIVE_SLOTS takes no list and no mapping. Give a whole number from 1 to 10000.",
  },
  {
    text: "HIVE_CONFIG_FILE: other.yaml\n",
    problem: "FILE: HIVE_CONFIG_FILE cannot be given in a file itself; remove it.",
  },
  { text: "colour: red\n", problem: "FILE: colour is not known; docs/settings.md lists the names." },
  { text: "HIVE_SLOTS: 1\nHIVE_SLOTS: 2\n", problem: "FILE: Map keys must be unique at line 2, column 1." },
])("of a file with $text it is said: $problem", ({ text, problem }) => {
  expect(fileProblems(text)).toEqual([problem]);
});

test.each(["", "# nothing yet\n", "{}"])("a file with nothing in it (%j) gives nothing", (text) => {
  expect(fileProblems(text)).toEqual([]);
});

test("what cannot be parsed is told without the lines, which may hold a password", () => {
  const problems = fileProblems("DATABASE_URL: postgres://hive:s3cret@db\n  REDIS_URL: x: y\n");
  expect(problems.length).toBeGreaterThan(0);
  expect(problems.join()).not.toContain("s3cret");
});

test("a password that was put into the wrong place is not repeated", () => {
  const problems = agentProblems({ env: { HIVE_ENGINE_URL: "redis://user:s3cret@host" } });
  expect(problems).toEqual([expect.stringContaining('HIVE_ENGINE_URL is "redis://***@host" (environment).')]);
});

test("what was read cannot be changed", () => {
  expect(Object.isFrozen(readSettings("router", { env: {} }))).toBe(true);
});
