/**
 * Who is there, as Redis knows it: registrations, heartbeats, connections, verdicts; and the scripts that end a life.
 * It judges nobody; that is `PeerWatch`, with the rules of the domain.
 */
import {
  heartbeatSchema,
  parsePayload,
  registrationSchema,
  verdictSchema,
  type ControlMessage,
  type GroupStatus,
  type Heartbeat,
  type Registration,
  type Verdict,
  groupStatusSchema,
} from "@agent-hive/contracts";
import type { z } from "zod";
import { toRecord } from "./replies.js";
import type { ScriptPort } from "./script-port.js";
import type { DeathSentence, DeclareOutcome, GroupAddress, MemberIdentity } from "./types.js";

const DECLARE_OUTCOMES: Record<string, DeclareOutcome> = {
  OK: "declared",
  CHANGED: "changed",
  GONE: "gone",
  SUPERSEDED: "superseded",
};

/** What Redis answers a member: whether it is known, and the epoch ("" for none). */
export interface MembershipReply {
  status: "OK" | "UNKNOWN" | "DEAD";
  epoch: string;
}

export class Registry {
  constructor(private readonly port: ScriptPort) {}

  /** Enters a new incarnation with its first heartbeat, or brings its registration up to date. */
  async register(registration: Registration, first?: Heartbeat): Promise<MembershipReply> {
    const { keys } = this.port;
    const args = [JSON.stringify(registration), first ? JSON.stringify(first) : ""];
    const [status, epoch = ""] = await this.port.run(
      "register",
      registration,
      [keys.incarnations, keys.heartbeats],
      args,
    );
    return { status: status as MembershipReply["status"], epoch: epoch as string };
  }

  async registrations(): Promise<Registration[]> {
    const all = await this.hash(this.port.keys.incarnations, registrationSchema);
    return all.filter(([field, { incarnation }]) => field === incarnation).map(([, registration]) => registration);
  }

  /** Removes registrations that cannot be read, or name another incarnation. @returns how many. */
  async forgetUnreadable(member: MemberIdentity): Promise<number> {
    const { keys } = this.port;
    const all = Object.entries(toRecord((await this.port.call("HGETALL", [keys.incarnations])) as string[]));
    const unreadable = all.filter(([field, json]) => {
      const parsed = parsePayload(registrationSchema, json);
      return !parsed.ok || parsed.value.incarnation !== field;
    });
    if (unreadable.length === 0) return 0;
    const [, removed] = await this.port.run(
      "forget-unreadable",
      member,
      [keys.incarnations, keys.heartbeats],
      unreadable.flat(),
    );
    return removed as number;
  }

  async heartbeats(): Promise<Map<string, Heartbeat>> {
    return new Map(await this.hash(this.port.keys.heartbeats, heartbeatSchema));
  }

  async verdicts(): Promise<Verdict[]> {
    return (await this.hash(this.port.keys.verdicts, verdictSchema)).map(([, verdict]) => verdict);
  }

  async groupStatus(): Promise<GroupStatus[]> {
    return (await this.hash(this.port.keys.groupStatus, groupStatusSchema)).map(([, status]) => status);
  }

  async writeGroupStatus(member: MemberIdentity, statuses: readonly GroupStatus[], term: number): Promise<boolean> {
    const { keys } = this.port;
    const args = [String(term), ...statuses.flatMap((status) => [status.group, JSON.stringify(status)])];
    const [status] = await this.port.run("write-group-status", member, [keys.groupStatus, keys.term], args);
    return status === "OK";
  }

  async declareDead(judge: MemberIdentity, judged: Registration, sentence: DeathSentence): Promise<DeclareOutcome> {
    const { keys } = this.port;
    const verdict = verdictOn(judged, sentence.kind, sentence.evidence, judge.incarnation);
    const keyList = [keys.incarnations, keys.heartbeats, keys.verdicts, keys.term];
    if (judged.group !== undefined) keyList.push(keys.abandoned(judged.group));
    const [status] = await this.port.run("declare-dead", judge, keyList, [
      sentence.incarnation,
      sentence.connections.join(","),
      String(sentence.heartbeatCounter),
      JSON.stringify(verdict),
      String(sentence.term ?? ""),
    ]);
    return DECLARE_OUTCOMES[status as string] ?? "gone";
  }

  async announceDeath(member: MemberIdentity, dead: Registration): Promise<void> {
    const { keys } = this.port;
    const keyList = [keys.incarnations, keys.heartbeats, keys.verdicts, keys.control];
    if (dead.group !== undefined) keyList.push(keys.abandoned(dead.group));
    await this.port.run("announce-death", member, keyList, [dead.incarnation, deadMessage(dead)]);
  }

  /** @returns how many entries it gave back, 1,000 at most. */
  async sayGoodbye(leaving: Registration, evidence: string): Promise<number> {
    const { keys } = this.port;
    const verdict = verdictOn(leaving, "left", evidence, leaving.incarnation);
    const keyList = [keys.incarnations, keys.heartbeats, keys.verdicts, keys.control];
    const { group, stream } = leaving;
    if (group !== undefined && stream !== undefined) keyList.push(keys.abandoned(group), stream);
    const args = [JSON.stringify(verdict), deadMessage(leaving), group ?? ""];
    const [, held] = await this.port.run("say-goodbye", leaving, keyList, args);
    return held as number;
  }

  async removeConsumer(member: MemberIdentity, at: GroupAddress, consumer: string): Promise<"live" | number> {
    const { keys } = this.port;
    const keyList = [at.stream, keys.incarnations, keys.abandoned(at.group)];
    const [status, held] = await this.port.run("remove-consumer", member, keyList, [at.group, consumer]);
    if (status === "LIVE") return "live";
    return status === "HOLDS" ? (held as number) : 0;
  }

  /** A hash of JSON values; what does not parse (another version's) is left out. */
  private async hash<T>(key: string, schema: z.ZodType<T>): Promise<[string, T][]> {
    const flat = (await this.port.call("HGETALL", [key])) as string[];
    return Object.entries(toRecord(flat)).flatMap(([field, json]): [string, T][] => {
      const parsed = parsePayload(schema, json);
      return parsed.ok ? [[field, parsed.value]] : [];
    });
  }
}

function deadMessage({ incarnation, group }: Registration): string {
  return JSON.stringify({ type: "dead", incarnation, ...(group !== undefined && { group }) } satisfies ControlMessage);
}

function verdictOn(judged: Registration, kind: Verdict["kind"], evidence: string, by: string): Verdict {
  const { incarnation, agentId, service, group } = judged;
  return { incarnation, agentId, service, ...(group && { group }), kind, evidence, by, at: new Date().toISOString() };
}
