import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MODULE = join(import.meta.dirname, "history.js");

/** Runs a program with `history` in reach. */
function run(program: string, folder: string) {
  const source = `const { history } = await import(${JSON.stringify(MODULE)}); ${program}`;
  return spawnSync(process.execPath, ["--input-type=module", "--eval", source], {
    env: { ...process.env, HIVE_HISTORY: folder, HIVE_AGENT_ID: "backend-1" },
    encoding: "utf8",
  });
}

function notesIn(folder: string): Record<string, unknown>[] {
  const [file] = readdirSync(folder);
  return readFileSync(join(folder, file!), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "history-"))));
afterEach(() => rmSync(folder, { recursive: true }));

test("a note made right before a SIGKILL is not lost", () => {
  const { signal } = run(`history.note("complete", { by: "a" }); process.kill(process.pid, "SIGKILL");`, folder);
  expect(signal).toBe("SIGKILL");
  expect(notesIn(folder)).toMatchObject([
    { n: 0, e: "process", name: "backend-1" },
    { n: 1, e: "complete", by: "a" },
  ]);
});

test("notes are numbered, carry the monotonic clock, and the last one says that the process ended by itself", () => {
  run(`history.note("completed", { of: history.note("complete") });`, folder);
  const notes = notesIn(folder);
  expect(notes.map(({ n, e, of }) => [n, e, of])).toEqual([
    [0, "process", undefined],
    [1, "complete", undefined],
    [2, "completed", 1],
    [3, "ended", undefined],
  ]);
  const times = notes.map(({ t }) => t as number);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times[0]! / 1e9).toBeLessThan(Number(process.hrtime.bigint()) / 1e9);
});

test("without a folder there is no history", () => {
  expect(run("console.log(history === undefined);", "").stdout).toBe("true\n");
});
