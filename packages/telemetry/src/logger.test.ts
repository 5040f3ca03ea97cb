import { spawnSync } from "node:child_process";
import { join } from "node:path";

const LOGGER = join(import.meta.dirname, "logger.js");

/** What a process of its own writes to standard output. */
function linesOf(program: string): Record<string, unknown>[] {
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ["--input-type=module", "-e", `import { createLogger } from ${JSON.stringify(LOGGER)};\n${program}`],
    { encoding: "utf8" },
  );
  if (stderr !== "") throw new Error(stderr);
  return stdout
    .trim()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test("a line has its service, its level by name, a sentence and fields; secrets are left out", () => {
  const [line] = linesOf(
    `createLogger({ service: "router", fields: { agentId: "r-1" } }).warn("it is so", { count: 3, password: "s3cret" });`,
  );
  expect(line).toEqual({
    level: "warn",
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    service: "router",
    pid: expect.any(Number),
    agentId: "r-1",
    count: 3,
    password: "[redacted]",
    msg: "it is so",
  });
});

test("what is less severe than the level is not written, and the level can be changed for all that came from it", () => {
  const lines = linesOf(`
    const logger = createLogger({ service: "s" });
    const child = logger.child({ part: "p" });
    child.debug("not yet");
    child.info("one");
    logger.level = "debug";
    child.debug("two");
    logger.level = "error";
    child.warn("no more");
    child.error("three");
    logger.level = "silent";
    child.error("nothing at all");
  `);
  expect(lines.map(({ msg, part }) => [msg, part])).toEqual([
    ["one", "p"],
    ["two", "p"],
    ["three", "p"],
  ]);
});
