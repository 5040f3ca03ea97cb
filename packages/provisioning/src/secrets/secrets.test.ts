import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKeys } from "@agent-hive/contracts";
import { agentTypesOf, readSettings, sha256Of } from "@agent-hive/service-kit";
import { parse } from "yaml";
import { Secrets } from "./secrets.js";

const types = agentTypesOf({ HIVE_LOAD_HANDLERS: false });
let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "secrets-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const secrets = () => new Secrets(folder, { postgres: "postgres:5432/hive", redis: "redis:6379" }, createKeys(), types);

/** Whom a secret is told, if not its holder. */
const EXCEPTIONS: Record<string, string[]> = {
  "postgres/hive": ["operator", "postgres"],
  "redis/admin": ["operator"],
  "grafana/admin": ["grafana"],
};

const textOf = (...path: string[]): string => readFileSync(join(folder, ...path), "utf8");
const subfolders = (): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
const allTextOf = (subfolder: string): string =>
  readdirSync(join(folder, subfolder))
    .map((file) => textOf(subfolder, file))
    .join("\n");

test("each service and store has a folder of its own", () => {
  secrets().write();
  const agents = ["agent-architects", "agent-backend", "agent-frontend", "agent-qa"];
  const core = ["group-coordinator", "metrics-validator", "router", "workflow-engine"];
  expect(subfolders().toSorted()).toEqual([...agents, ...core, "grafana", "operator", "postgres", "redis"].toSorted());
});

test("no folder of a service has a secret of another", () => {
  secrets().write();
  const known = JSON.parse(textOf("secrets.json")) as Record<string, string>;
  for (const [name, secret] of Object.entries(known)) {
    const holder = name.split("/")[1]!;
    const readers = subfolders().filter((subfolder) => allTextOf(subfolder).includes(secret));
    const expected = EXCEPTIONS[name] ?? [holder];
    expect({ name, readers }).toEqual({ name, readers: expected });
  }
});

test("the files of a service are settings that it can read", () => {
  secrets().write();
  const env = { HIVE_CONFIG_FILE: join(folder, "workflow-engine", "settings.yaml") };
  expect(readSettings("workflow-engine", { env })).toMatchObject({
    DATABASE_URL: expect.stringMatching(/^postgres:\/\/workflow-engine:[0-9a-f]{48}@postgres:5432\/hive$/),
    REDIS_URL: expect.stringMatching(/^redis:\/\/workflow-engine:[0-9a-f]{48}@redis:6379$/),
  });
  const { keys } = parse(textOf("router", "api-keys.yaml")) as { keys: { name: string; sha256: string }[] };
  const agent = readSettings("agents", { env: { HIVE_CONFIG_FILE: join(folder, "agent-qa", "settings.yaml") } });
  expect(keys.find(({ name }) => name === "agent-qa")!.sha256).toBe(sha256Of(agent.HIVE_API_KEY!));
});

test("written again, secrets stay as they are, and what was removed comes back", () => {
  secrets().write();
  const before = subfolders().map(allTextOf);
  rmSync(join(folder, "router"), { recursive: true });
  secrets().write();
  expect(subfolders().map(allTextOf)).toEqual(before);
});

test("two installations share nothing, and only the owner can read all secrets", () => {
  secrets().write();
  const first = secrets().operatorKey;
  rmSync(join(folder, "secrets.json"));
  secrets().write();
  expect(secrets().operatorKey).not.toBe(first);
  expect(statSync(join(folder, "secrets.json")).mode & 0o777).toBe(0o400);
});
