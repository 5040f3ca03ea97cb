import type { RedisStreamsManager } from "@agent-hive/streams";
import type { GroupWindows } from "../advancing/group-windows.js";
import type { BacklogGuard } from "../submission/backlog-guard.js";
import type { TimerPump } from "./timer-pump.js";

/** Looks once in a while how the windows stand: slots as the coordinator tells, tasks in flight, tasks that wait. */
export class LoadWatch {
  constructor(
    private readonly manager: Pick<RedisStreamsManager, "readGroupStatus" | "inFlightCounts">,
    private readonly windows: GroupWindows,
    private readonly backlog: BacklogGuard,
    private readonly pump: Pick<TimerPump, "expectWork">,
  ) {}

  /** @returns how many ready tasks wait. */
  async runOnce(): Promise<{ waiting: number }> {
    const waiting = await this.backlog.runOnce();
    if (waiting > 0) this.pump.expectWork();
    const [groups, inFlight] = await Promise.all([
      this.manager.readGroupStatus(),
      this.manager.inFlightCounts(this.windows.agentTypes),
    ]);
    const slots: Record<string, number> = {};
    for (const group of groups) slots[group.agentType] = (slots[group.agentType] ?? 0) + group.slots;
    this.windows.provision(slots);
    this.windows.observe(inFlight);
    return { waiting };
  }
}
