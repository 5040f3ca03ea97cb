import type { Heartbeat } from "@agent-hive/contracts";

/** Processes whose hearts beat while their main loops stand still, as long as they do. */
export class WedgedMembers {
  /** Where the main loop of each stands. */
  private readonly standstills = new Map<string, number>();

  note(incarnation: string, heartbeat: Heartbeat | undefined): void {
    if (heartbeat) this.standstills.set(incarnation, heartbeat.mainLoop);
  }

  /** Those that still stand where they stood; the others are forgotten. */
  among(heartbeats: ReadonlyMap<string, Heartbeat>): Set<string> {
    for (const [incarnation, mainLoop] of this.standstills) {
      if (heartbeats.get(incarnation)?.mainLoop !== mainLoop) this.standstills.delete(incarnation);
    }
    return new Set(this.standstills.keys());
  }
}
