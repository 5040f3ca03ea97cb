import { settingsFile } from "../test-fixtures/settings.js";
import { SETTING_NAMES, namesOf } from "./catalogue.js";
import { SERVICES } from "./declaration.js";
import { examineSettings } from "./examine-settings.js";

const readersOf = (of: ReturnType<typeof examineSettings>, name: string) =>
  of.settings.filter((setting) => setting.name === name).map(({ services: readers, value }) => ({ readers, value }));

test("every setting is shown, in the order of the documents", () => {
  const names = examineSettings({ env: {} }).settings.map(({ name }) => name);
  expect([...new Set(names)]).toEqual(SETTING_NAMES);
});

test.each(SERVICES)("of %s alone, what that reads is shown, and nothing else", (service) => {
  const { settings } = examineSettings({ env: {} }, [service]);
  expect(settings.map(({ name }) => name)).toEqual(namesOf(service));
  expect(settings.every((setting) => setting.services.join() === service)).toBe(true);
});

test("a setting is shown once for all services that have the same of it", () => {
  expect(readersOf(examineSettings({ env: {} }), "HIVE_HTTP_PORT")).toEqual([
    { readers: ["workflow-engine"], value: "3000" },
    { readers: ["router", "group-coordinator", "agents", "metrics-validator"], value: "0" },
  ]);
  expect(readersOf(examineSettings({ env: { HIVE_HTTP_PORT: "80" } }), "HIVE_HTTP_PORT")).toEqual([
    { readers: ["workflow-engine", "router", "group-coordinator", "agents", "metrics-validator"], value: "80" },
  ]);
});

test("a value that only one service refuses is a problem, told once", () => {
  const examination = examineSettings({ env: { HIVE_AGENT_ID: "x".repeat(51), HIVE_LOG_LEVEL: "loud" } });
  expect(examination.problems).toEqual([
    expect.stringMatching(/^HIVE_AGENT_ID .* Give 1 to 50 characters/),
    expect.stringMatching(/^HIVE_LOG_LEVEL /),
  ]);
  expect(examination.settings.filter(({ isValid }) => !isValid).map((setting) => setting.services)).toEqual([
    ["group-coordinator"],
    ["workflow-engine", "router", "group-coordinator", "agents", "metrics-validator", "cli"],
  ]);
});

test("what was given can be handed on as it is written, defaults left out", () => {
  const env = { HIVE_CONFIG_FILE: settingsFile("REDIS_URL: redis://:s3cret@redis\n"), HIVE_SLOTS: "2", PATH: "/bin" };
  expect(Object.fromEntries(examineSettings({ env }).given)).toEqual({
    HIVE_CONFIG_FILE: env.HIVE_CONFIG_FILE,
    REDIS_URL: "redis://:s3cret@redis",
    HIVE_SLOTS: "2",
  });
});
