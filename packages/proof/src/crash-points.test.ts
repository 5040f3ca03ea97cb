import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CRASH_POINTS } from "./crash-points.js";

const REPOSITORY = join(import.meta.dirname, "..", "..", "..");

test("every point stands exactly once in the code, and every one in the code is listed", () => {
  const sources = globSync("{apps,packages}/*/src/**/*.ts", { cwd: REPOSITORY })
    .filter((path) => !/\.test\.ts$|\/test-fixtures\/|\/system-tests\//.test(path))
    .map((path) => readFileSync(join(REPOSITORY, path), "utf8"));
  const named = sources.flatMap((text) => [...text.matchAll(/\bcrashPoint\("([^"]+)"\)/g)].map(([, name]) => name!));
  expect(named.toSorted()).toEqual(Object.keys(CRASH_POINTS).toSorted());
});
