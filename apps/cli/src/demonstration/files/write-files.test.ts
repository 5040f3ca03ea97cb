import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ListedFile } from "./demonstration-results.js";
import { MADE_FILES } from "./file-list.js";
import { interrupted, passed } from "./test-fixtures/outcome.js";
import { FilesNotWrittenError, writeFiles } from "./write-files.js";

const NAMES = MADE_FILES.map(({ name }) => name).sort();

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "hive-files-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const read = (name: string, dir = folder): unknown => JSON.parse(readFileSync(join(dir, name), "utf8"));

async function failureOf(writing: Promise<unknown>): Promise<FilesNotWrittenError> {
  const error = await writing.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  expect(error).toBeInstanceOf(FilesNotWrittenError);
  return error as FilesNotWrittenError;
}

test("all files are written into a folder that was not there, and nothing else", async () => {
  const dir = join(folder, "new", "results");
  const written = await writeFiles(passed(), dir);
  expect(readdirSync(dir).sort()).toEqual(NAMES);
  for (const { path, bytes } of written) expect(readFileSync(path)).toHaveLength(bytes);
});

test("all files are written of a run that was interrupted at once", async () => {
  await writeFiles(interrupted(), folder);
  expect(readdirSync(folder).sort()).toEqual(NAMES);
});

test("what was there before is replaced", async () => {
  writeFileSync(join(folder, "phase2_summary.json"), "something old and longer than it should be".repeat(1000));
  await writeFiles(passed(), folder);
  expect(read("phase2_summary.json")).toMatchObject({ verdict: "passed" });
});

test("the results list the nine files, and which of them are there", async () => {
  writeFileSync(join(folder, "phase2_demonstration.log"), "");
  await writeFiles(passed(), folder);
  const { files } = read("demonstration_results.json") as { files: ListedFile[] };
  expect(files).toHaveLength(9);
  expect(files.filter(({ isThere }) => !isThere).map(({ name }) => name)).toEqual([
    "validation_results.json",
    "phase2_demonstration_report.html",
  ]);
});

test("a file that cannot be put in its place is named with the way out, and the others are written", async () => {
  mkdirSync(join(folder, "phase2_summary.json"));
  const { message, written } = await failureOf(writeFiles(passed(), folder));
  expect(message).toBe(
    `${join(folder, "phase2_summary.json")} could not be written: a folder has that name. Move it away, or choose another folder with --output-dir.`,
  );
  expect(written.map(({ name }) => name).sort()).toEqual(NAMES.filter((name) => name !== "phase2_summary.json"));
  expect(readdirSync(folder).sort()).toEqual(NAMES);
});

const onLinux = existsSync("/dev/full") ? test : test.skip;

onLinux("a full disk is named with the way out, and leaves the file of before as it was", async () => {
  writeFileSync(join(folder, "performance_analysis.json"), "{}");
  symlinkSync("/dev/full", join(folder, `performance_analysis.json.${process.pid}.tmp`));
  const { message } = await failureOf(writeFiles(passed(), folder));
  expect(message).toBe(
    `${join(folder, "performance_analysis.json")} could not be written: the disk is full. Free some space, or choose another folder with --output-dir.`,
  );
  expect(read("performance_analysis.json")).toEqual({});
  expect(readdirSync(folder).sort()).toEqual(NAMES);
});

test("a file in the place of the folder fails every file with the way out", async () => {
  const dir = join(folder, "taken");
  writeFileSync(dir, "");
  const { message, errors, written } = await failureOf(writeFiles(passed(), dir));
  expect(errors).toHaveLength(MADE_FILES.length);
  expect(message).toContain("a file stands where the folder should be");
  expect(written).toEqual([]);
});
