import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { eventually } from "@agent-hive/testing";
import type { TestHive } from "./test-hive.js";

const MAIN = join(import.meta.dirname, "agent-process.main.js");

/** An agent in a process of its own. */
export class AgentProcess {
  private output = "";
  private readonly exited: Promise<unknown[]>;

  private constructor(private readonly child: ChildProcess) {
    this.exited = once(child, "exit");
    child.stdout!.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
    child.stderr!.on("data", (chunk: Buffer) => (this.output += chunk.toString()));
  }

  /** Starts one and waits until it takes tasks. */
  static async start(hive: TestHive, env: Record<string, string> = {}): Promise<AgentProcess> {
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== "NODE_OPTIONS"));
    const child = spawn(process.execPath, [MAIN], {
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...inherited,
        REDIS_URL: hive.redisUrl,
        HIVE_KEY_PREFIX: hive.keys.prefix,
        HIVE_LOAD_HANDLERS: "true",
        HIVE_DRAIN_MS: "500",
        ...env,
      },
    });
    const agent = new AgentProcess(child);
    hive.onClose(() => agent.kill());
    await eventually(
      () => agent.log,
      (log) => {
        if (agent.child.exitCode !== null) throw new Error(`The agent ended at start:\n${log}`);
        return log.includes("listening");
      },
      20_000,
    );
    return agent;
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Everything it has written. */
  get log(): string {
    return this.output;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Waits for its end; the exit code, or null if a signal ended it. */
  async exitCode(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.exited;
    return this.child.exitCode;
  }

  async kill(): Promise<void> {
    this.child.kill("SIGCONT");
    this.child.kill("SIGKILL");
    await this.exitCode();
  }
}
