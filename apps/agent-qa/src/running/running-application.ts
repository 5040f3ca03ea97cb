import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeApplication, type BuiltFiles } from "@agent-hive/product-spec";

const START_LIMIT_MS = 15_000;
const STOP_LIMIT_MS = 5_000;
const KEPT_OUTPUT = 4_000;
/** Passwords are hashed with little work here: the tests are about who gets in, not about how long guessing takes. */
const TEST_SCRYPT_COST = "1024";

/** A built application that runs as a process of its own, in a folder of its own. */
export class RunningApplication {
  private child: ChildProcess | undefined;
  private output = "";
  private address = "";

  private constructor(private readonly folder: string) {}

  /**
   * Writes an application into a fresh folder and starts it on a free port of this machine.
   *
   * @throws Error with what it printed, if it does not start within 15 seconds.
   */
  static async start(files: BuiltFiles, signal: AbortSignal): Promise<RunningApplication> {
    const application = new RunningApplication(await mkdtemp(join(tmpdir(), "hive-qa-")));
    try {
      await writeApplication(join(application.folder, "app"), files);
      await application.launch(signal);
      return application;
    } catch (error) {
      await application.dispose();
      throw error;
    }
  }

  /** Where it listens; another place after each start. */
  get url(): string {
    return this.address;
  }

  get databaseFile(): string {
    return join(this.folder, "test.db");
  }

  /** Stops it and starts it again on the same database. Returns the exit code of the one that was stopped. */
  async restart(signal: AbortSignal): Promise<number | null> {
    const code = await this.stop();
    await this.launch(signal);
    return code;
  }

  /** Asks it to stop and waits until it has; after five seconds it is killed. Returns its exit code, null if it was killed. */
  async stop(): Promise<number | null> {
    const { child } = this;
    if (!child) return null;
    this.child = undefined;
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      const killer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
      await exited;
      clearTimeout(killer);
    }
    return child.exitCode;
  }

  /** Stops it and removes its folder. May be called at any time, and again. */
  async dispose(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async launch(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const guard = new URL("./exit-with-parent.js", import.meta.url).href;
    const child = spawn(process.execPath, ["--import", guard, "server.js"], {
      cwd: join(this.folder, "app"),
      // Nothing else of this process's environment: it holds addresses and keys of the hive.
      env: {
        PATH: process.env["PATH"],
        PORT: "0",
        HOST: "127.0.0.1",
        DATABASE_FILE: this.databaseFile,
        SCRYPT_COST: TEST_SCRYPT_COST,
        QA_FOLDER: this.folder,
      },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.child = child;
    this.output = "";
    this.address = await this.listening(child, AbortSignal.any([signal, AbortSignal.timeout(START_LIMIT_MS)]));
  }

  private listening(child: ChildProcess, signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void =>
        reject(new Error(`The application ${reason}. It printed:\n${this.output.trim()}`));
      const read = (chunk: Buffer): void => {
        this.output = (this.output + chunk.toString()).slice(-KEPT_OUTPUT);
        const address = /Listening on (http:\/\/\S+)/.exec(this.output)?.[1];
        if (address) resolve(address);
      };
      child.stdout?.on("data", read);
      child.stderr?.on("data", read);
      child.once("error", (error) => fail(`could not be started (${error.message})`));
      child.once("close", (code) => fail(`ended with exit code ${code} before it listened`));
      signal.addEventListener("abort", () => fail("was stopped before it listened"), { once: true });
    });
  }
}
