import type { AgentTypes, GroupView, HeldTask, Registration } from "@agent-hive/contracts";
import type { RedisStreamsManager } from "@agent-hive/streams";
import type { VerdictLedger, VerdictRecord } from "../verdicts/verdict-ledger.js";
import type { WedgedMembers } from "../verdicts/wedged-members.js";
import { groupView, type Membership } from "./group-view.js";

/** A registered process and how it does. */
export interface IncarnationView extends Registration {
  state: "live" | "wedged";
  /** Tasks that run in it. */
  held: HeldTask[];
  rssBytes: number | null;
}

/** What the queries need of Redis. */
export type QueryStreams = Pick<
  RedisStreamsManager,
  "keys" | "groupInfo" | "registrations" | "heartbeats" | "verdicts"
>;

/** Answers what the groups and their processes look like at this moment: always read anew. */
export class CoordinatorQueries {
  constructor(
    private readonly streams: QueryStreams,
    private readonly agentTypes: AgentTypes,
    private readonly ledger: VerdictLedger,
    private readonly wedged: WedgedMembers,
  ) {}

  /** Every group, or the one of that name. */
  async groups(name?: string): Promise<GroupView[]> {
    const wanted = this.agentTypes.groups.filter((group) => name === undefined || group.group === name);
    const { keys } = this.streams;
    const [membership, infos] = await Promise.all([
      this.membership(),
      Promise.all(wanted.map(({ group, stream }) => this.streams.groupInfo({ group, stream: keys.stream(stream) }))),
    ]);
    return wanted.map((group, index) => groupView(group, infos[index]!, membership));
  }

  /** Every registered process, agents or not, by name. */
  async incarnations(): Promise<IncarnationView[]> {
    const { registrations, heartbeats, wedged } = await this.membership();
    return registrations.map((registration) => {
      const heartbeat = heartbeats.get(registration.incarnation);
      return {
        ...registration,
        state: wedged.has(registration.incarnation) ? "wedged" : "live",
        held: heartbeat?.held ?? [],
        rssBytes: heartbeat?.rssBytes ?? null,
      };
    });
  }

  /** The latest verdicts, the newest first. */
  async verdicts(): Promise<VerdictRecord[]> {
    return this.ledger.merged(await this.streams.verdicts());
  }

  private async membership(): Promise<Membership> {
    const [registrations, heartbeats] = await Promise.all([this.streams.registrations(), this.streams.heartbeats()]);
    registrations.sort((left, right) => left.agentId.localeCompare(right.agentId));
    return { registrations, heartbeats, wedged: this.wedged.among(heartbeats) };
  }
}
