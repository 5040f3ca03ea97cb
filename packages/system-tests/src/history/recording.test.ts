import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRecording, type Recording } from "./recording.js";

const PROOF = import.meta.resolve("@agent-hive/proof");

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "recording-"))));
afterEach(() => rmSync(folder, { recursive: true }));

/** A process of its own that notes something, and may kill itself after that. */
function tell(recording: Recording, agentId: string, program: string): number {
  const source = `const { history } = await import(${JSON.stringify(PROOF)}); ${program}`;
  const env = { ...process.env, ...recording.env, HIVE_AGENT_ID: agentId };
  return spawnSync(process.execPath, ["--input-type=module", "--eval", source], { env }).pid;
}

function post(socketPath: string, body: object): Promise<number> {
  return new Promise((resolve, reject) => {
    const sending = request({ socketPath, method: "POST", path: "/effects" }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode!));
    });
    sending.once("error", reject).end(JSON.stringify(body));
  });
}

test("the notes of all processes, of the sink and of the tester become one file in the order of time", async () => {
  const file = join(folder, "run.ndjson");
  const recording = await startRecording({ file });
  const killed = tell(recording, "a", `history.note("start", { by: "a" }); process.kill(process.pid, "SIGKILL");`);
  expect(await post(recording.env["HIVE_EFFECTS_SOCKET"]!, { task: "w:0", attempt: 1, nonce: "x" })).toBe(200);
  recording.note({ kind: "kill", pid: killed });
  tell(recording, "b", `history.note("start", { by: "b" });`);
  // What a kill in the middle of a write leaves behind.
  const part = readdirSync(`${file}.parts`).find((name) => name.startsWith(`${killed}-`))!;
  appendFileSync(join(`${file}.parts`, part), '{"t":99,"n":2,"e":"comp');
  await recording.stop();

  const notes = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { p: string; t: number; n: number; e: string; name?: string });
  expect(notes.map(({ t }) => t)).toEqual(notes.map(({ t }) => t).toSorted((a, b) => a - b));
  const told = notes.map(({ e, name }) => name ?? e).join(" ");
  expect(told).toBe("recorder witness a start effect fault b start ended ended ended");
  expect(notes.filter(({ p }) => p === part.replace(".ndjson", "")).map(({ n }) => n)).toEqual([0, 1]);
  expect(existsSync(`${file}.parts`)).toBe(false);
});
