import { crashPoint } from "@agent-hive/proof";
import type { TaskBatchExecutor } from "../advancing/task-batch-executor.js";
import type { WorkflowStateManager } from "../advancing/workflow-state-manager.js";
import { eventsOf } from "../advancing/advance-events.js";

/** How often the pump fills windows although it knows of nothing to fill them with: what slips between two engines. */
const FILL_ANYWAY_MS = 1000;

/** What one run of the pump moved. */
export interface Pumped {
  released: number;
  dispatched: number;
}

/** Makes delayed tasks ready when they are due, and dispatches what waits in PostgreSQL into room that has come free. */
export class TimerPump {
  private filledAtMs = -Infinity;
  private mayBeMore = true;

  /** @param now monotonic clock, in milliseconds. */
  constructor(
    private readonly state: WorkflowStateManager,
    private readonly executor: TaskBatchExecutor,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Something became ready, or waits for room: the next run looks. */
  expectWork(): void {
    this.mayBeMore = true;
  }

  async runOnce(): Promise<Pumped> {
    const released = await this.state.releaseDue();
    if (released > 0) crashPoint("timers.released");
    const idle = { released, hadMore: this.mayBeMore, sinceFilledMs: this.now() - this.filledAtMs };
    if (!decideFill(idle)) return { released, dispatched: 0 };
    // Before the call: what becomes ready during it is to be seen by the next.
    this.mayBeMore = false;
    this.filledAtMs = this.now();
    const { dispatched, askedAtMs } = await this.state.fillWindows();
    this.mayBeMore ||= dispatched.length > 0;
    if (dispatched.length > 0) {
      crashPoint("window.filled");
      const at = new Date().toISOString();
      const events = () => eventsOf({ dispatched, changes: [], finished: [], settled: [] }, at);
      await this.executor.publish({ dispatched, askedAtMs, events });
      crashPoint("window.published");
    }
    return { released, dispatched: dispatched.length };
  }
}

/** Whether it is worth asking PostgreSQL for ready tasks: an idle engine asks once a second. */
export function decideFill(seen: { released: number; hadMore: boolean; sinceFilledMs: number }): boolean {
  return seen.released > 0 || seen.hadMore || seen.sinceFilledMs >= FILL_ANYWAY_MS;
}
