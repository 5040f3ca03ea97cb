/**
 * The launcher's last will. A small process of its own holds a pipe to the launcher and the list of what was started;
 * when the pipe ends, for whatever reason, kill -9 included, it ends what is still listed and removes temporary folders.
 * So stores and services never outlive their launcher.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";

const SCRIPT = join(import.meta.dirname, "reaper-process.js");

/** The signal with which the reaper ends a process; SIGKILL follows when that does not help. */
export type LastSignal = "SIGKILL" | "SIGQUIT";

export class Reaper {
  private readonly processes = new Map<number, LastSignal>();
  private readonly folders = new Set<string>();
  private child: ChildProcess | undefined;
  private closed = false;

  /** Starts the reaper's process. It ends with {@link close}, or after this process. */
  constructor() {
    this.launch();
  }

  /** The reaper's own process. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** From now on the process group dies with the launcher. To be called in the turn that spawned it. */
  watchProcess(pid: number, signal: LastSignal): void {
    this.processes.set(pid, signal);
    this.tell(`+process ${pid} ${signal}`);
  }

  /** To be called as soon as the process has ended: its number may be given to another one. */
  forgetProcess(pid: number): void {
    this.processes.delete(pid);
    this.tell(`-process ${pid}`);
  }

  /** From now on the folder is removed with the launcher. */
  watchFolder(folder: string): void {
    this.folders.add(folder);
    this.tell(`+folder ${folder}`);
  }

  forgetFolder(folder: string): void {
    this.folders.delete(folder);
    this.tell(`-folder ${folder}`);
  }

  /** Ends what is still listed, and the reaper itself. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    const child = this.child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.ref();
    child.stdin?.end();
    await ended;
  }

  private launch(): void {
    // Detached: a session of its own, so that a terminal's Ctrl-C or hang-up does not reach it.
    const child = spawn(process.execPath, [SCRIPT], {
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
      env: {},
      cwd: "/",
    });
    this.child = child;
    child.stdin.on("error", () => {}); // It is gone: "exit" follows, and starts another one.
    child.on("error", () => {}); // Could not be started, e.g. for want of memory: the next list will not matter then.
    child.on("exit", () => {
      if (!this.closed) this.launch();
    });
    child.unref();
    (child.stdin as unknown as { unref?(): void }).unref?.();
    for (const folder of this.folders) this.tell(`+folder ${folder}`);
    for (const [pid, signal] of this.processes) this.tell(`+process ${pid} ${signal}`);
  }

  private tell(line: string): void {
    this.child?.stdin?.write(`${line}\n`);
  }
}
