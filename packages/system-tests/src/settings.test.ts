/** That every service reads the settings which name it, and no others: seen at the programs and at their sources. */
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SERVICES, SETTING_NAMES, TEST_SWITCHES, namesOf, type ServiceName } from "@agent-hive/service-kit/settings";

/** packages/system-tests/dist → the repository. */
const REPOSITORY = join(import.meta.dirname, "..", "..", "..");

const PROGRAMS: { app: string; service: ServiceName }[] = [
  { app: "workflow-engine", service: "workflow-engine" },
  { app: "router", service: "router" },
  { app: "group-coordinator", service: "group-coordinator" },
  { app: "agent-architect", service: "agents" },
  { app: "agent-backend", service: "agents" },
  { app: "agent-frontend", service: "agents" },
  { app: "agent-qa", service: "agents" },
  { app: "metrics-validator", service: "metrics-validator" },
];

/** Where each service uses what it has read. */
const FOLDERS: Record<ServiceName, string> = {
  "workflow-engine": "apps/workflow-engine",
  router: "apps/router",
  "group-coordinator": "apps/group-coordinator",
  agents: "packages/agent-sdk",
  "metrics-validator": "apps/metrics-validator",
  launcher: "packages/launcher",
  cli: "apps/cli",
};

/** What `agentTypesOf(settings)` of the service kit uses. */
const TYPES_SETTINGS = ["HIVE_AGENT_TYPES_FILE", "HIVE_LOAD_HANDLERS"];
/** What `commonOptions(name, settings)` of the service kit uses. */
const COMMON_OPTIONS = readFileSync(join(REPOSITORY, "packages", "service-kit", "src", "common-options.ts"), "utf8");
/** The one switch that belongs to the system tests themselves. */
const MUTANTS = join(REPOSITORY, "packages", "system-tests", "src", "mutants", "mutants.ts");

/** Nothing that any setting takes: too long, with blanks, no number, no file. */
const INVALID = "/ ".repeat(100);

/** A program that finds nothing wrong would wait for its stores. */
const ENDS_WITHIN_MS = 15_000;

function run(app: string, env: NodeJS.ProcessEnv, ...args: string[]) {
  const program = join(REPOSITORY, "apps", app, "dist", "main.js");
  const options = { env, encoding: "utf8", timeout: ENDS_WITHIN_MS, killSignal: "SIGKILL" } as const;
  const { status, stderr } = spawnSync(process.execPath, [program, ...args], options);
  return { status, stderr, named: Array.from(stderr.matchAll(/^ {2}- (\w+) is /gm), ([, name]) => name) };
}

function sourcesIn(pattern: string): string[] {
  const files = globSync(`${pattern}/src/**/*.ts`, { cwd: REPOSITORY });
  const own = files.filter((file) => !/\.test\.ts$|\/test-fixtures\/|\/system-tests\//.test(file));
  return own.map((file) => readFileSync(join(REPOSITORY, file), "utf8"));
}

test.each(PROGRAMS)("$app refuses to start with its settings wrong, names all of them, and no other's", (program) => {
  const env = Object.fromEntries(SETTING_NAMES.map((name) => [name, INVALID]));
  const { status, named } = run(program.app, env);
  expect({ status, named }).toEqual({ status: 1, named: namesOf(program.service) });
});

test.each(PROGRAMS)("$app reads flags and a file", ({ app }) => {
  const folder = mkdtempSync(join(tmpdir(), "hive-settings-"));
  try {
    const file = join(folder, "hive.yaml");
    writeFileSync(file, "HIVE_LOG_LEVEL: loud\n");
    const { status, stderr } = run(app, {}, "--config", file, "--http-port=none");
    expect(status).toBe(1);
    expect(stderr).toContain('HIVE_HTTP_PORT is "none" (flag --http-port).');
    expect(stderr).toContain(`HIVE_LOG_LEVEL is "loud" (file ${file}).`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each(SERVICES)("the code of %s makes use of every setting that names it", (service) => {
  const own = sourcesIn(FOLDERS[service]).join("\n");
  const code = own.includes("commonOptions(") ? own + COMMON_OPTIONS : own;
  const common = ["HIVE_CONFIG_FILE", ...(code.includes("agentTypesOf(") ? TYPES_SETTINGS : [])];
  const isUsed = (name: string) =>
    common.includes(name) || new RegExp(`\\.${name}\\b|\\["${name}"\\]|\\b${name}: \\w`).test(code);
  expect(namesOf(service).filter((name) => !isUsed(name))).toEqual([]);
});

test("no name with HIVE_ is anywhere in the code that is neither a setting nor a switch of tests", () => {
  const known = new Set<string>([...SETTING_NAMES, ...Object.keys(TEST_SWITCHES)]);
  const code = sourcesIn("{apps,packages}/*").join("\n");
  const names = new Set(code.match(/\bHIVE_[A-Z_]+\b/g));
  expect([...names].filter((name) => !known.has(name))).toEqual([]);
});

test("every switch of tests is there", () => {
  const code = sourcesIn("packages/*").join("\n") + readFileSync(MUTANTS, "utf8");
  expect(Object.keys(TEST_SWITCHES).filter((name) => !code.includes(`"${name}"`))).toEqual([]);
});
