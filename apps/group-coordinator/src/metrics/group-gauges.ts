import { readOnDemand } from "@agent-hive/telemetry";
import type { GroupStatus } from "@agent-hive/contracts";
import type { GroupInfo } from "@agent-hive/streams";

/** How a group stands, as far as its metrics go. */
interface Standing {
  length: number;
  pending: number;
  /** Since when entries have been waiting, without a break; undefined while none waits. */
  waitingSinceMs: number | undefined;
}

/** Tells what groups look like, as the leader sees them; a coordinator that does not lead tells nothing of them. */
export class GroupGauges {
  private standings = new Map<string, Standing>();
  private readonly stops: (() => void)[];

  /**
   * @param isLeader asked whenever metrics are, as are the others.
   * @param statuses what every group of agents can do.
   * @param now monotonic clock, in milliseconds.
   */
  constructor(
    private readonly isLeader: () => boolean,
    private readonly statuses: () => ReadonlyMap<string, GroupStatus>,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.stops = [
      readOnDemand("hive_leader", () => [[{}, isLeader() ? 1 : 0]]),
      readOnDemand("hive_group_consumers", () => this.read(this.statuses(), ({ consumers }) => consumers)),
      readOnDemand("hive_group_slots", () => this.read(this.statuses(), ({ slots }) => slots)),
      readOnDemand("hive_group_stream_entries", () => this.read(this.standings, ({ length }) => length)),
      readOnDemand("hive_group_pending_entries", () => this.read(this.standings, ({ pending }) => pending)),
      readOnDemand("hive_group_waiting_entries", () => this.read(this.standings, waitingOf)),
      readOnDemand("hive_group_oldest_waiting_seconds", () =>
        this.read(this.standings, ({ waitingSinceMs }) =>
          waitingSinceMs === undefined ? 0 : (this.now() - waitingSinceMs) / 1000,
        ),
      ),
    ];
  }

  /** Every group, as a look found it. */
  lookedAt(infos: ReadonlyMap<string, Pick<GroupInfo, "length" | "pending">>): void {
    const before = this.standings;
    this.standings = new Map(
      Array.from(infos, ([group, { length, pending }]) => {
        const since = before.get(group)?.waitingSinceMs ?? this.now();
        return [group, { length, pending, waitingSinceMs: length > pending ? since : undefined }];
      }),
    );
  }

  stop(): void {
    for (const stop of this.stops) stop();
  }

  private *read<Value>(
    values: ReadonlyMap<string, Value>,
    numberOf: (value: Value) => number,
  ): Iterable<readonly [{ group: string }, number]> {
    if (!this.isLeader()) return;
    for (const [group, value] of values) yield [{ group }, numberOf(value)];
  }
}

const waitingOf = ({ length, pending }: Standing): number => Math.max(0, length - pending);
