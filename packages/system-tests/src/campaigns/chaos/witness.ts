import { readFileSync } from "node:fs";
import { join } from "node:path";
import { registrationSchema, type Keys, type Registration } from "@agent-hive/contracts";
import type { RedisConnection } from "@agent-hive/streams";
import type { HeldTask } from "./fault-kinds.js";

const HOLDINGS = readFileSync(join(import.meta.dirname, "holdings.lua"), "utf8");

/** A member that reads a stream as a consumer of a group. */
export interface GroupMember extends Registration {
  group: string;
  stream: string;
}

/** What a member held, and who could have taken it over. */
export interface Holdings {
  held: HeldTask[];
  /** Living members of its group besides it, and their slots that were free. */
  others: number;
  freeSlots: number;
}

/** Sees in Redis who is there and who holds what. */
export class Witness {
  constructor(
    private readonly redis: RedisConnection,
    private readonly keys: Keys,
  ) {}

  async registrations(): Promise<Registration[]> {
    const all = (await this.redis.call("HVALS", [this.keys.incarnations])) as string[];
    return all.map((text) => registrationSchema.parse(JSON.parse(text)));
  }

  /** How many entries each consumer of the groups of these members holds. */
  async loads(members: readonly GroupMember[]): Promise<Map<string, number>> {
    const groups = new Map(members.map((member) => [member.group, member]));
    const looks = await Promise.all([...groups.values()].map((member) => this.look(member)));
    return new Map(looks.flatMap(({ counts }) => [...counts]));
  }

  /** @param members who was registered and alive; those of other groups do not matter. */
  async holdings(member: GroupMember, members: readonly Registration[]): Promise<Holdings> {
    const { held, counts } = await this.look(member);
    const others = members.filter(
      ({ group, incarnation }) => group === member.group && incarnation !== member.incarnation,
    );
    const free = others.map(({ slots, incarnation }) => Math.max(0, slots - (counts.get(incarnation) ?? 0)));
    return { held, others: others.length, freeSlots: free.reduce((sum, slots) => sum + slots, 0) };
  }

  private async look({ stream, group, incarnation }: GroupMember) {
    const reply = await this.redis.call("EVAL", [HOLDINGS, "1", stream, group, incarnation]);
    const [held, counts] = reply as [string[], string[]];
    return {
      held: pairs(held).map(([taskKey, attempt]): HeldTask => ({ taskKey, attempt: Number(attempt) })),
      counts: new Map(pairs(counts).map(([consumer, count]) => [consumer, Number(count)])),
    };
  }
}

export const isGroupMember = (member: Registration): member is GroupMember =>
  member.group !== undefined && member.stream !== undefined;

function pairs(flat: string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [flat[2 * index]!, flat[2 * index + 1]!]);
}
