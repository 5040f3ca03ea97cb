/** A run as it can be watched again: what `hive demo` writes while it goes on, and `hive replay` plays. */
import { createWriteStream, type WriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { hiveEventSchema } from "@agent-hive/contracts";
import { z } from "zod";
import { described } from "../demonstration/files/described.js";

const KIND = "agent-hive-recording";

const atMs = z.number().nonnegative().meta({ unit: "ms" }).describe("Since the begin of the run.");

const headerSchema = z.object({
  kind: z.literal(KIND).describe("What the file is."),
  version: z.literal(1).describe("Version of its form."),
  title: z.string().describe("What is watched."),
  startedAt: z.iso.datetime().describe("When it began."),
});
export type RecordingHeader = z.infer<typeof headerSchema>;

const phaseSchema = z.object({
  type: z.literal("phase").describe("A phase of the demonstration."),
  atMs,
  number: z.int().positive().describe("Which one, from 1."),
  of: z.int().positive().describe("How many there are."),
  title: z.string().describe("What it is called."),
  state: z.enum(["began", "told", "done", "failed"]).describe("What happened to it."),
  text: z.string().describe("Its latest word, or why it failed."),
});

const workflowSchema = z.object({
  type: z.literal("workflow").describe("The workflow that is watched."),
  atMs,
  id: z.string().describe("The workflow that is watched."),
  name: z.string().describe("Its name."),
  tasks: z
    .array(
      z.object({
        id: z.string().describe("Its name in the workflow."),
        agentType: z.string().describe("Who may run it."),
        dependsOn: z.array(z.string()).describe("Tasks that it waits for."),
      }),
    )
    .describe("Its tasks, and what each waits for."),
});

const groupsSchema = z.object({
  type: z.literal("groups").describe("How the groups stand."),
  atMs,
  groups: z
    .array(
      z.object({
        agentType: z.string().describe("Whose tasks it runs."),
        slots: z.int().nonnegative().describe("Tasks that all consumers together can run at once."),
        waiting: z.int().nonnegative().describe("Entries of the stream that nobody was handed yet."),
        consumers: z
          .array(
            z.object({
              agentId: z.string().describe("The agent."),
              running: z.int().nonnegative().describe("Tasks that it runs."),
            }),
          )
          .describe("Its members."),
      }),
    )
    .describe("All groups, with what each consumer runs."),
});

const eventSchema = z.object({
  type: z.literal("event").describe("What the hive told."),
  atMs,
  event: described(hiveEventSchema, {
    type: "What happened.",
    at: "When, by the clock of who told it.",
    workflowId: "The workflow that it happened to.",
    taskId: "The task that it happened to.",
    position: "The task's position in its workflow, from 0.",
    attempt: "Which attempt of the task.",
    agentType: "The task's agent type.",
    agentId: "The agent.",
    incarnation: "Which life of it.",
    group: "The consumer group.",
    data: "What else was told.",
  }).describe("As the hive told it."),
});

const recordSchema = z.discriminatedUnion("type", [phaseSchema, workflowSchema, groupsSchema, eventSchema]);
export type RecordedMoment = z.infer<typeof recordSchema>;

/** `run_recording.ndjson`: of its lines the first is the header, all others are moments. */
export const RECORDING_FILE = {
  name: "run_recording.ndjson",
  holds: "The run as it can be watched again, one JSON value a line.",
  lineSchema: z.union([headerSchema, recordSchema]),
};

/** A moment that is yet to be given its time. */
export type Moment = RecordedMoment extends infer M ? (M extends RecordedMoment ? Omit<M, "atMs"> : never) : never;

/** More is not written: a recording is to be watched, not to be evaluated. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Writes moments as they come, so that an interrupted run has its recording too, and hands them on. */
export class RunRecording {
  private readonly began = performance.now();
  private readonly file: WriteStream;
  private readonly listeners = new Set<(moment: RecordedMoment) => void>();
  private bytes = 0;

  /** @param path is overwritten. What cannot be written is left out: a full disk must not end the run. */
  constructor(path: string, title: string) {
    this.file = createWriteStream(path);
    this.file.on("error", () => undefined);
    this.write({ kind: KIND, version: 1, title, startedAt: new Date().toISOString() });
  }

  /** Calls the listener with every moment from now on. */
  on(listener: (moment: RecordedMoment) => void): void {
    this.listeners.add(listener);
  }

  add(moment: Moment): void {
    const recorded: RecordedMoment = { ...moment, atMs: Math.round(performance.now() - this.began) };
    this.write(recorded);
    for (const listener of this.listeners) listener(recorded);
  }

  /** Resolves when all is in the file. */
  async close(): Promise<void> {
    await new Promise<void>((closed) => this.file.end(closed));
  }

  private write(line: RecordingHeader | RecordedMoment): void {
    const text = `${JSON.stringify(line)}\n`;
    this.bytes += text.length;
    if (this.bytes <= MOST_BYTES && !this.file.destroyed) this.file.write(text);
  }
}

export interface Recording {
  header: RecordingHeader;
  /** In order of time. */
  moments: RecordedMoment[];
  /** Whether the last line was cut off. */
  isCutOff: boolean;
}

/**
 * Reads a recording. A last line that is cut off, as a crash leaves it, is left out.
 *
 * @throws Error naming the file, the line and what is wrong with it.
 */
export async function readRecording(path: string): Promise<Recording> {
  const text = await readFile(path, "utf8").catch((error: Error) => {
    throw new Error(`The recording cannot be read: ${error.message}. hive demo writes run_recording.ndjson.`);
  });
  const lines = text.split("\n");
  const rest = lines.pop()!;
  if (lines.length === 0)
    throw new Error(`${path} is no recording: it is ${rest === "" ? "empty" : "cut off in its first line"}.`);
  const header = parseLine(headerSchema, lines[0]!, path, 1);
  const moments = lines.slice(1).map((line, index) => parseLine(recordSchema, line, path, index + 2));
  return { header, moments: moments.sort((one, other) => one.atMs - other.atMs), isCutOff: rest !== "" };
}

function parseLine<T>(schema: z.ZodType<T>, line: string, path: string, number: number): T {
  const found = line.length > 60 ? `${line.slice(0, 60)}…` : line;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Error(
      `${path}, line ${number} is no JSON: ${found}. A recording is the file run_recording.ndjson of hive demo.`,
    );
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue!.path.length === 0 ? "" : ` at ${issue!.path.join(".")}`;
  throw new Error(
    `${path}, line ${number} is not of a recording of version 1${place}: ${issue!.message}. Found: ${found}`,
  );
}
