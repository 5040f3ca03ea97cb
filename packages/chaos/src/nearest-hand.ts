import { hostname } from "node:os";
import { ContainerHand } from "./container-hand.js";
import { LocalHand } from "./local-hand.js";
import type { AgentProcess, Freeze, Hand, Strike } from "./ports.js";

/** Reaches processes of this machine by signals, and those in containers with Docker. */
export class NearestHand implements Hand {
  constructor(
    private readonly local: Hand = new LocalHand(),
    private readonly containers: Hand = new ContainerHand(),
    private readonly here = hostname(),
  ) {}

  crash(agentId: string, process: AgentProcess): Promise<Strike | undefined> {
    return this.handFor(process).crash(agentId, process);
  }

  freeze(agentId: string, process: AgentProcess): Promise<Freeze | undefined> {
    return this.handFor(process).freeze(agentId, process);
  }

  private handFor({ host = this.here }: AgentProcess): Hand {
    return host === this.here ? this.local : this.containers;
  }
}
