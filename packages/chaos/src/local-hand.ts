import { isProcessOf, startTimeOf } from "./process-identity.js";
import { systemClock, type AgentProcess, type ChaosClock, type Freeze, type Hand, type Strike } from "./ports.js";

/** Reaches processes of this machine by signals: SIGKILL, SIGSTOP and SIGCONT. */
export class LocalHand implements Hand {
  constructor(private readonly clock: ChaosClock = systemClock) {}

  async crash(agentId: string, { pid }: AgentProcess): Promise<Strike | undefined> {
    return this.strike(agentId, pid, "SIGKILL");
  }

  async freeze(agentId: string, { pid }: AgentProcess): Promise<Freeze | undefined> {
    const strike = this.strike(agentId, pid, "SIGSTOP");
    // With its number it names one process for ever: a later one of the same number was never frozen.
    const startTime = startTimeOf(pid);
    const thaw = async (): Promise<boolean> => startTimeOf(pid) === startTime && signalled(pid, "SIGCONT");
    return strike && { ...strike, thaw };
  }

  /** Nothing is awaited here: the number cannot come to mean another process unseen. */
  private strike(agentId: string, pid: number, signal: NodeJS.Signals): Strike | undefined {
    if (isProcessOf(agentId, pid) === false || !signalled(pid, signal)) return undefined;
    return { monotonicMs: this.clock.monotonicMs(), atMs: this.clock.now().getTime() };
  }
}

/** False if there is no such process. */
function signalled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}
