import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RunRecording, readRecording, type Moment } from "./recording.js";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "recording-"));
  path = join(folder, "run_recording.ndjson");
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const PHASE: Moment = { type: "phase", number: 1, of: 8, title: "Beginning", state: "began", text: "" };

test("what was recorded is read again, with its times, and was shown when it came", async () => {
  const recording = new RunRecording(path, "a run");
  const shown: unknown[] = [];
  recording.on((moment) => shown.push(moment));
  recording.add(PHASE);
  recording.add({ type: "groups", groups: [{ agentType: "qa", slots: 2, waiting: 0, consumers: [] }] });
  await recording.close();
  const { header, moments, isCutOff } = await readRecording(path);
  expect(header).toMatchObject({ title: "a run", version: 1 });
  expect(moments).toEqual(shown);
  expect(moments.map(({ type }) => type)).toEqual(["phase", "groups"]);
  expect(isCutOff).toBe(false);
});

test("a last line that is cut off is left out", async () => {
  const recording = new RunRecording(path, "a run");
  recording.add(PHASE);
  recording.add(PHASE);
  await recording.close();
  const text = await readFile(path, "utf8");
  await writeFile(path, text.slice(0, -10));
  expect(await readRecording(path)).toMatchObject({ moments: [PHASE], isCutOff: true });
});

test("a recording that cannot be written ends no run", async () => {
  const recording = new RunRecording(join(folder, "missing", "run_recording.ndjson"), "a run");
  recording.add(PHASE);
  await recording.close();
  recording.add(PHASE);
});

const HEADER = JSON.stringify({
  kind: "agent-hive-recording",
  version: 1,
  title: "a run",
  startedAt: "2026-11-26T00:00:00.000Z",
});

test.each([
  ["", "it is empty"],
  ["half a line", "it is cut off in its first line"],
  ["{}\n", "line 1 is not of a recording of version 1 at kind"],
  ["no json\n", "line 1 is no JSON: no json"],
  [`${HEADER}\n{"type":"phase"}\n`, "line 2 is not of a recording of version 1 at atMs"],
  [`${HEADER}\n{"type":"dance","atMs":1}\n`, "line 2 is not of a recording of version 1 at type"],
])("%j is refused: %s", async (text, why) => {
  await writeFile(path, text);
  await expect(readRecording(path)).rejects.toThrow(why);
});
