import type { AgentGroup, GroupStatus, HiveEvent, Registration, Verdict } from "@agent-hive/contracts";
import { crashPoint } from "@agent-hive/proof";
import type { MemberIdentity, RedisStreamsManager } from "@agent-hive/streams";
import { changedStatuses, groupStatuses } from "./group-status.js";

/** Unchanged statuses are written again after this long: Redis may have lost them. */
const REWRITE_MS = 1_000;

/** What the publisher needs of Redis. */
export type StatusStreams = Pick<
  RedisStreamsManager,
  "registrations" | "readGroupStatus" | "writeGroupStatus" | "publishEvents" | "verdicts"
>;

/** Tells engines and routers how many slots each group has and what it can do, as soon as that changes. */
export class GroupStatusPublisher {
  private statuses: Map<string, GroupStatus> | undefined;
  private members: Map<string, Registration> | undefined;
  private writtenAtMs = -Infinity;

  constructor(
    private readonly streams: StatusStreams,
    private readonly groups: readonly AgentGroup[],
  ) {}

  /**
   * One look at the registry; writes if anything changed.
   *
   * @param term of this leader.
   * @returns false if a newer leader has written: this one is out of office.
   */
  async runOnce(by: MemberIdentity, term: number): Promise<boolean> {
    const registrations = await this.streams.registrations();
    const previous = (this.statuses ??= byGroup(await this.streams.readGroupStatus()));
    const next = groupStatuses(this.groups, registrations, previous);
    const isDue = performance.now() - this.writtenAtMs >= REWRITE_MS;
    if (isDue || changedStatuses(next, previous).length > 0) {
      if (!(await this.streams.writeGroupStatus(by, next, term))) return false;
      crashPoint("status.published");
      this.writtenAtMs = performance.now();
      this.statuses = byGroup(next);
    }
    await this.tellComingsAndGoings(registrations);
    return true;
  }

  /** What was published last, by group; empty if nothing is known. */
  get published(): ReadonlyMap<string, GroupStatus> {
    return this.statuses ?? new Map<string, GroupStatus>();
  }

  /** What was known is what another leader may have changed since. */
  forget(): void {
    this.statuses = undefined;
    this.members = undefined;
    this.writtenAtMs = -Infinity;
  }

  /** Tells onlookers who came and who went since the look before; the first look only takes note of who is there. */
  private async tellComingsAndGoings(registrations: readonly Registration[]): Promise<void> {
    const before = this.members;
    const now = (this.members = new Map(registrations.map((registration) => [registration.incarnation, registration])));
    if (before === undefined) return;
    const joined = [...now.values()].filter(({ incarnation }) => !before.has(incarnation));
    const gone = [...before.values()].filter(({ incarnation }) => !now.has(incarnation));
    const verdicts = gone.length > 0 ? await this.streams.verdicts() : [];
    await this.streams.publishEvents([
      ...joined.map((member) => memberEvent("consumer.joined", member)),
      ...gone.map((member) => departure(member, verdicts)),
    ]);
  }
}

function departure(member: Registration, verdicts: readonly Verdict[]): HiveEvent {
  const verdict = verdicts.find(({ incarnation }) => incarnation === member.incarnation);
  if (verdict === undefined || verdict.kind === "left") return memberEvent("consumer.left", member);
  const { kind, evidence, by } = verdict;
  return memberEvent("consumer.dead", member, { kind, evidence, by });
}

function memberEvent(
  type: HiveEvent["type"],
  { incarnation, agentId, agentType, group, service, slots }: Registration,
  data: Record<string, unknown> = {},
): HiveEvent {
  return {
    type,
    at: new Date().toISOString(),
    incarnation,
    agentId,
    ...(agentType !== undefined && { agentType }),
    ...(group !== undefined && { group }),
    data: { service, slots, ...data },
  };
}

function byGroup(statuses: readonly GroupStatus[]): Map<string, GroupStatus> {
  return new Map(statuses.map((status) => [status.group, status]));
}
