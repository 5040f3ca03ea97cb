import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const START_WITHIN_MS = 10_000;
const ANSWER_WITHIN_MS = 10_000;
const LISTENING = /Listening on (http:\/\/\S+)/;

interface Answer {
  status: number;
  text: string;
  /** The session's cookie, if the answer sets one. */
  cookie: string | undefined;
}

/** A built application as a process of its own, with an empty database, on a free port of the loopback. */
export class RunningApplication {
  private constructor(
    private readonly server: ChildProcess,
    private readonly url: string,
    private readonly dataFolder: string,
  ) {}

  /** @throws Error with what it wrote, if it does not start. */
  static async start(folder: string): Promise<RunningApplication> {
    const dataFolder = mkdtempSync(join(tmpdir(), "agent-hive-application-"));
    const server = spawn(process.execPath, ["server.js"], {
      cwd: folder,
      // Nothing of our own environment: no passwords, no addresses.
      env: { PATH: process.env["PATH"], PORT: "0", DATABASE_FILE: join(dataFolder, "application.db") },
      stdio: ["ignore", "pipe", "pipe"],
    });
    try {
      return new RunningApplication(server, await listening(server), dataFolder);
    } catch (error) {
      server.kill("SIGKILL");
      rmSync(dataFolder, { recursive: true, force: true });
      throw error;
    }
  }

  async request(
    path: string,
    options: { method?: string; body?: unknown; cookie?: string | undefined } = {},
  ): Promise<Answer> {
    const response = await fetch(new URL(path, this.url), {
      method: options.method ?? "GET",
      headers: {
        ...(options.body === undefined ? {} : { "content-type": "application/json" }),
        ...(options.cookie === undefined ? {} : { cookie: options.cookie }),
      },
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    const cookie = response.headers.getSetCookie()[0]?.split(";")[0];
    return { status: response.status, text: await response.text(), cookie };
  }

  async stop(): Promise<void> {
    const exited = once(this.server, "exit");
    this.server.kill("SIGKILL");
    if (this.server.exitCode === null && this.server.signalCode === null) await exited;
    rmSync(this.dataFolder, { recursive: true, force: true });
  }
}

/** The address that the server says it listens on. */
function listening(server: ChildProcess): Promise<string> {
  let written = "";
  return new Promise((resolve, reject) => {
    const fail = (why: string): void =>
      reject(new Error(`The built application did not start: ${why}. It wrote: ${written || "nothing"}`));
    const timer = setTimeout(() => fail(`not within ${START_WITHIN_MS} ms`), START_WITHIN_MS);
    const read = (chunk: Buffer): void => {
      written += chunk.toString();
      const url = LISTENING.exec(written)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    server.stdout!.on("data", read);
    server.stderr!.on("data", read);
    server.once("exit", (code, signal) => {
      clearTimeout(timer);
      fail(`it ended (${signal ?? `exit code ${code}`})`);
    });
  });
}
