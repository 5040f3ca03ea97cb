import { z } from "zod";
import { commonSettings, integerSetting, listSetting, readSettings, SettingsError } from "./settings.js";

const shape = { ...commonSettings, HIVE_SLOTS: integerSetting({ min: 1, max: 1000 }).default(1) };

function problemsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readSettings(shape, env);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

test("defaults are filled in, and an empty variable counts as absent", () => {
  expect(readSettings(shape, { HIVE_SLOTS: "" })).toMatchObject({ HIVE_SLOTS: 1, HIVE_HTTP_HOST: "127.0.0.1" });
});

test("all problems are reported together, each with its name", () => {
  const problems = problemsOf({ HIVE_SLOTS: "none", HIVE_HTTP_PORT: "70000", HIVE_LOG_LEVEL: "loud" });
  expect(problems).toHaveLength(3);
  for (const name of ["HIVE_SLOTS", "HIVE_HTTP_PORT", "HIVE_LOG_LEVEL"]) {
    expect(problems.some((problem) => problem.startsWith(name))).toBe(true);
  }
});

test("a misspelt name is answered with the nearest known one", () => {
  expect(problemsOf({ HIVE_SLOT: "3" })).toEqual(["HIVE_SLOT is not a setting; did you mean HIVE_SLOTS?"]);
});

test("another service's setting is let pass", () => {
  expect(problemsOf({ HIVE_DRAIN_MS: "3" })).toEqual([]);
});

test("the value of a URL, which may hold a password, is not repeated", () => {
  const [problem] = problemsOf({ REDIS_URL: "http://user:s3cret@host" });
  expect(problem).toContain("REDIS_URL");
  expect(problem).not.toContain("s3cret");
});

test("a list is separated by commas, and each of its values is checked", () => {
  const list = { HIVE_URLS: listSetting(z.url()).default([]) };
  expect(readSettings(list, { HIVE_URLS: "http://a, http://b" }).HIVE_URLS).toEqual(["http://a", "http://b"]);
  expect(readSettings(list, {}).HIVE_URLS).toEqual([]);
  expect(() => readSettings(list, { HIVE_URLS: "http://a,b" })).toThrow(SettingsError);
});

test("what was read cannot be changed", () => {
  expect(Object.isFrozen(readSettings(shape, {}))).toBe(true);
});
