import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { systemClock, type AgentProcess, type ChaosClock, type Freeze, type Hand, type Strike } from "./ports.js";

/** Docker's short id, which is the host name of a container that was given no other. */
const CONTAINER_ID = /^[0-9a-f]{12}$/;
const ANSWER_WITHIN_MS = 10_000;
/** Told by the process that strikes, right before it does: starting it takes longer than what comes of the strike. */
const KILL = "const at = Date.now(); process.kill(Number(process.argv[1]), 'SIGKILL'); console.log(at);";

/** A program that is run to its end. @returns what it wrote; rejects if its exit code is not 0. */
export type RunProgram = (program: string, args: string[]) => Promise<string>;

/**
 * Reaches agents in containers of this machine, with Docker. They are killed from within, so that Docker starts them again
 * as after any crash: a container that `docker kill` ends stays down. For that the agent may not be process 1 (`init: true`),
 * and the image has to have node.
 */
export class ContainerHand implements Hand {
  constructor(
    private readonly run: RunProgram = runProgram,
    private readonly clock: ChaosClock = systemClock,
  ) {}

  async crash(_agentId: string, { pid, host = "" }: AgentProcess): Promise<Strike | undefined> {
    if (!CONTAINER_ID.test(host)) return undefined;
    const told = await this.docker("exec", host, "node", "-e", KILL, String(pid));
    return told === undefined ? undefined : this.strikeAt(Number(told));
  }

  async freeze(_agentId: string, { host = "" }: AgentProcess): Promise<Freeze | undefined> {
    if (!CONTAINER_ID.test(host) || (await this.docker("pause", host)) === undefined) return undefined;
    const thaw = async (): Promise<boolean> => (await this.docker("unpause", host)) !== undefined;
    return { ...this.strikeAt(this.clock.now().getTime()), thaw };
  }

  /** The machine's clocks are those of its containers. */
  private strikeAt(atMs: number): Strike {
    return { atMs, monotonicMs: this.clock.monotonicMs() - (this.clock.now().getTime() - atMs) };
  }

  /** Undefined if Docker refused: the container is not there, or not running. */
  private async docker(...args: string[]): Promise<string | undefined> {
    return this.run("docker", args).catch(() => undefined);
  }
}

async function runProgram(program: string, args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { timeout: ANSWER_WITHIN_MS });
  return stdout;
}
