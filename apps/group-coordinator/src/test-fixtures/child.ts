import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { waitFor } from "@agent-hive/testing";

/** A child process whose output is kept, line by line. */
export class Child {
  readonly lines: string[] = [];
  private readonly process: ChildProcess;

  constructor(script: string, env: NodeJS.ProcessEnv) {
    // Jest's own options would be inherited, and cost the child its start-up time.
    this.process = spawn(process.execPath, [script], {
      env: { ...process.env, NODE_OPTIONS: "", ...env },
      stdio: ["pipe", "pipe", "inherit"],
    });
    createInterface({ input: this.process.stdout! }).on("line", (line) => this.lines.push(line));
  }

  get pid(): number {
    return this.process.pid!;
  }

  /** The first line that matches, from now or before. */
  async said(pattern: RegExp, limitMs?: number): Promise<RegExpExecArray> {
    const find = (): RegExpExecArray | undefined =>
      this.lines.map((line) => pattern.exec(line)).find((match) => match !== null) ?? undefined;
    return waitFor(`process ${this.pid} to say ${pattern}`, find, limitMs);
  }

  tell(line: string): void {
    this.process.stdin!.write(`${line}\n`);
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** Kills it, frozen or not, unless it has ended. */
  async end(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const ended = once(this.process, "exit");
    this.process.kill("SIGKILL");
    await ended;
  }
}
