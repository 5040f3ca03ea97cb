import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { ProcessSupervisor } from "@agent-hive/launcher";
import { HISTORY_VARIABLE, History } from "@agent-hive/proof";
import { lookAtRedis } from "./look-at-redis.js";
import { mergeParts } from "./merge-parts.js";

/** Something done to a hive on purpose. */
export interface Fault {
  /**
   * `kill`, `freeze`, `thaw` and `cut` (its connections) name the process struck by `pid`; `wipe` means that Redis lost all
   * of the hive's keys (`epoch`: what `hive:epoch` was before), `lose` that it lost a stream or a group; anything else is yours. A kill by signal that the supervisor
   * sees (`watch`) need not be noted again.
   */
  kind: "kill" | "freeze" | "thaw" | "cut" | "wipe" | "lose" | (string & {});
  pid?: number;
  epoch?: string;
  [detail: string]: unknown;
}

/** A run that is being recorded. */
export interface Recording {
  /** Settings for all services of the hive. */
  readonly env: NodeJS.ProcessEnv;
  /** Notes a fault, right after it was done (for `thaw` and `kill`: right before). */
  note(fault: Fault): void;
  /** Notes the ends of the processes of a launcher, as its supervisor sees them. */
  watch(supervisor: Pick<ProcessSupervisor, "on">): void;
  /** Notes counts over all workflows as the engine's statistics tell them, for I8. */
  snapshot(tasks: Record<"total" | "succeeded" | "failed" | "cancelled" | "dead" | "live", number>): void;
  /** Notes what is in the hive's streams and in-flight indexes now. To be done once everything has come to rest, for I7. */
  look(at: { redisUrl: string; keyPrefix: string }): Promise<void>;
  /** Ends the recording and writes the file. Stop the hive first: what still runs cannot be told from what was cut short. */
  stop(): Promise<void>;
}

/**
 * Records what the processes of a hive do, and serves the outside sink of the handler `effect`.
 *
 * @param file of the history; `FILE.parts` is a folder used meanwhile. An older one is replaced.
 */
export async function startRecording({ file }: { file: string }): Promise<Recording> {
  const parts = resolve(`${file}.parts`);
  rmSync(parts, { recursive: true, force: true });
  mkdirSync(parts, { recursive: true });
  const sockets = mkdtempSync(join(tmpdir(), "hive-effects-"));
  const socket = join(sockets, "sink");
  const recorder = await startRecorder(parts, socket);
  const history = History.open(parts, "witness");
  return {
    env: { [HISTORY_VARIABLE]: parts, HIVE_EFFECTS_SOCKET: socket },
    note: (fault) => void history.note("fault", fault),
    watch: (supervisor) =>
      void supervisor.on("exited", ({ name }, exit) => void history.note("exited", { name, ...exit })),
    snapshot: (tasks) => void history.note("snapshot", { tasks }),
    look: async (at) => void history.note("look", await lookAtRedis(at)),
    stop: async () => {
      history.close();
      recorder.disconnect();
      await once(recorder, "exit");
      await mergeParts(parts, file);
      for (const folder of [parts, sockets]) rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startRecorder(parts: string, socket: string): Promise<ChildProcess> {
  const recorder = fork(join(import.meta.dirname, "recorder-process.js"), [parts, socket]);
  const failed = once(recorder, "exit").then(([code]) => {
    throw new Error(`The recorder ended with code ${code} before it listened.`);
  });
  await Promise.race([once(recorder, "message"), failed]);
  failed.catch(() => undefined);
  return recorder;
}
