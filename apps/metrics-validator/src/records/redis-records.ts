/** Reads what Redis has of a run: groups and their streams, registrations, verdicts, in-flight indexes, and events. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  ENGINES_GROUP,
  ROUTERS_GROUP,
  createKeys,
  eventBatchSchema,
  parseInFlight,
  parsePayload,
  type AgentTypes,
  type HiveEvent,
  type Registration,
} from "@agent-hive/contracts";
import type { GroupRecord, InFlightRecords, VerdictRecord } from "@agent-hive/measurement";
import type { RedisStreamsManager } from "@agent-hive/streams";
import type { Window } from "./primary-records.js";

const LOOK_AT_GROUP = readFileSync(join(import.meta.dirname, "lua", "look-at-group.lua"), "utf8");
const EVENTS_PER_READ = 200;
/** Events are a hint: those that come first are kept. */
const MOST_EVENTS = 50_000;
/** How long events go on being told after the last run that asked for them. */
const ONLOOKER_SECONDS = 30;

/** What is asked of Redis. */
export type RecordStreams = Pick<
  RedisStreamsManager,
  "keys" | "call" | "registrations" | "verdicts" | "inFlightPage" | "announceOnlooker"
>;

interface Address {
  group: string;
  agentType: string | null;
  /** Without a key prefix. */
  stream: string;
}

export class RedisRecords {
  private readonly addresses: Address[];

  constructor(
    private readonly streams: RecordStreams,
    private readonly agentTypes: AgentTypes,
  ) {
    const { dispatch, results } = createKeys();
    this.addresses = [
      { group: ROUTERS_GROUP, agentType: null, stream: dispatch },
      ...agentTypes.groups.map(({ group, agentType, stream }) => ({ group, agentType, stream })),
      { group: ENGINES_GROUP, agentType: null, stream: results },
    ];
  }

  registrations(): Promise<Registration[]> {
    return this.streams.registrations();
  }

  async verdicts(): Promise<VerdictRecord[]> {
    const verdicts = await this.streams.verdicts();
    return verdicts.map(({ incarnation, group = null, kind, at }) => ({
      incarnation,
      group,
      kind,
      atMs: Date.parse(at),
    }));
  }

  /**
   * Every group that exists.
   *
   * @param readBefore entries that the groups had read when the window began.
   */
  async groups(readBefore: ReadonlyMap<string, number> = new Map()): Promise<GroupRecord[]> {
    const registrations = await this.registrations();
    const looks = await Promise.all(this.addresses.map((address) => this.look(address)));
    return this.addresses.flatMap((address, index) => {
      const look = looks[index];
      if (look === undefined) return [];
      const members = registrations.filter(({ group }) => group === address.group);
      return [
        {
          ...address,
          ...look,
          slots: members.reduce((sum, { slots }) => sum + slots, 0),
          readBefore: readBefore.get(address.group) ?? null,
          members: members.map(({ agentId, incarnation }) => ({ agentId, incarnation })),
        },
      ];
    });
  }

  /** Entries that each group has read so far; a group of which Redis does not know it is missing. */
  async entriesRead(): Promise<Map<string, number>> {
    const groups = await this.groups();
    return new Map(groups.flatMap(({ group, readAfter }) => (readAfter === null ? [] : [[group, readAfter]])));
  }

  /** @returns null if more than `most` tasks are in flight: of a part of them nobody could tell what is missing. */
  async inFlight(most: number): Promise<InFlightRecords | null> {
    const readAtMs = Date.now();
    const attempts = new Map<string, number>();
    for (const agentType of this.agentTypes.names) {
      let cursor = "0";
      do {
        const page = await this.streams.inFlightPage(agentType, cursor);
        for (const { taskKey, value } of page.fields) {
          const parsed = parseInFlight(value);
          if (parsed !== undefined) attempts.set(taskKey, parsed.attempt);
        }
        if (attempts.size > most) return null;
        cursor = page.cursor;
      } while (cursor !== "0");
    }
    return { readAtMs, attempts };
  }

  /** Those that were told in the window and are still kept, oldest first. */
  async events({ fromMs, toMs }: Window): Promise<HiveEvent[]> {
    const events: HiveEvent[] = [];
    let from = String(Math.floor(fromMs));
    while (events.length < MOST_EVENTS) {
      const range = [this.streams.keys.events, from, String(Math.ceil(toMs)), "COUNT", String(EVENTS_PER_READ)];
      const entries = (await this.streams.call("XRANGE", range)) as [id: string, fields: string[]][];
      for (const [, fields] of entries) {
        const parsed = parsePayload(eventBatchSchema, fields[fields.indexOf("m") + 1] ?? "");
        if (parsed.ok) events.push(...parsed.value);
      }
      if (entries.length < EVENTS_PER_READ) break;
      from = `(${entries.at(-1)![0]}`;
    }
    return events.slice(0, MOST_EVENTS);
  }

  /** Asks the hive to tell events for a while. */
  async askForEvents(isNew: boolean): Promise<void> {
    await this.streams.announceOnlooker(ONLOOKER_SECONDS, isNew);
  }

  private async look({ group, stream }: Address) {
    const reply = await this.streams.call("EVAL", [LOOK_AT_GROUP, "1", this.streams.keys.stream(stream), group]);
    const [length, pending, lag, read, heldByConsumers] = reply as number[];
    if (length === undefined) return undefined;
    return {
      length,
      pending: pending!,
      lag: known(lag!),
      readAfter: known(read!),
      heldByConsumers: heldByConsumers!,
    };
  }
}

const known = (number: number): number | null => (number < 0 ? null : number);
