/**
 * All that a process does with Redis, besides blocking reads. It leaves reading to `GroupConsumer`, membership to
 * `HiveMember`, judging to `PeerWatch`.
 *
 * Every writing call runs one script (or several, of at most 100 entries each) that checks the epoch, the dead set and
 * the ownership of the entries it is about, so every call may be repeated, and a zombie changes nothing (keeps I2, I3).
 */
import { EventEmitter } from "node:events";
import type {
  ControlMessage,
  GroupStatus,
  Heartbeat,
  HiveEvent,
  Keys,
  Registration,
  Verdict,
} from "@agent-hive/contracts";
import { history } from "@agent-hive/proof";
import { silentLogger, type Logger } from "@agent-hive/telemetry";
import { DeclaredDeadError, EpochChangedError } from "./errors.js";
import { EVENTS_KEPT, eventPayload } from "./event-payload.js";
import { notedAttempts, notedDeliveries, notedEntries } from "./notes.js";
import { Publisher } from "./publisher.js";
import { RedisConnection, type ConnectionIdentity } from "./redis-connection.js";
import { Registry, type MembershipReply } from "./registry.js";
import { toRecord } from "./replies.js";
import type { ScriptPort } from "./script-port.js";
import { runMeasuredScript } from "./measured-script.js";
import type { ScriptName } from "./scripts.js";
import { TickBatcher } from "./tick-batcher.js";
import type {
  AgentGroupAddress,
  BeginBatch,
  BeginOutcome,
  CheckpointEntry,
  ClaimReport,
  ClaimRequest,
  CompleteBatch,
  CompleteOutcome,
  DeadLetterEntry,
  DeadLetterOutcome,
  DeathSentence,
  DeclareOutcome,
  GroupAddress,
  GroupInfo,
  InFlightPage,
  LostWork,
  MemberIdentity,
  PresentConnections,
  PublishBatch,
  PublishReport,
  RouteBatch,
  RouteReport,
  SourceEntries,
  TaskResult,
} from "./types.js";
import { WorkScripts } from "./work-scripts.js";

/** Messages kept in the control stream, approximately. */
const CONTROL_KEPT = 1_000;

export interface RedisStreamsManagerOptions {
  /** `redis://…` or `rediss://…`. */
  url: string;
  keys: Keys;
  logger?: Logger;
  /** Deadline of every command, in milliseconds. Default 2,000. */
  commandTimeoutMs?: number;
  /** Shown by CLIENT LIST. Default "hive". */
  name?: string;
}

interface ManagerEvents {
  /** The command connection is there (again). */
  up: [identity: ConnectionIdentity];
  down: [identity: ConnectionIdentity];
  /** A script refused a write because Redis is at another epoch, or at none. */
  "epoch-refused": [expected: string];
  /** A script refused a write because this incarnation is in the dead set. */
  "dead-refused": [incarnation: string];
}

/** One per process; owns the connection for commands. */
export class RedisStreamsManager extends EventEmitter<ManagerEvents> {
  readonly keys: Keys;
  readonly url: string;
  readonly logger: Logger;
  readonly commandTimeoutMs: number | undefined;
  /** Whether somebody follows the events; kept up to date by `HiveMember`. What nobody follows need not be told. */
  hasOnlookers = true;
  private readonly connection: RedisConnection;
  private readonly registry: Registry;
  private readonly publisher: Publisher;
  private readonly work: WorkScripts;
  private readonly completions: TickBatcher<TaskResult, CompleteOutcome>;
  private lastRunId = "";
  private knownEpoch = "";

  constructor(options: RedisStreamsManagerOptions) {
    super();
    this.keys = options.keys;
    this.url = options.url;
    this.logger = options.logger ?? silentLogger;
    this.commandTimeoutMs = options.commandTimeoutMs;
    this.connection = this.openConnection(options.name ?? "hive", true);
    this.connection.on("up", (identity) => {
      this.lastRunId = identity.runId;
      this.emit("up", identity);
    });
    this.connection.on("down", (identity) => this.emit("down", identity));
    const port: ScriptPort = {
      keys: this.keys,
      run: (name, member, keys, args) => this.run(name, member, keys, args),
      call: (command, args) => this.connection.call(command, args),
    };
    this.registry = new Registry(port);
    this.publisher = new Publisher(port);
    this.work = new WorkScripts(port);
    this.completions = new TickBatcher();
  }

  /** Connects, however long that takes, and reads the epoch. */
  async connect(): Promise<void> {
    await this.connection.connect();
    const epoch = await this.readEpoch();
    if (epoch !== null) this.adoptEpoch(epoch);
  }

  /** Closes the connection; what is under way is rejected. May be called twice, or before `connect`. */
  async close(): Promise<void> {
    this.connection.close();
  }

  /** The connection for commands as it is now; undefined while there is none. */
  get identity(): ConnectionIdentity | undefined {
    return this.connection.identity;
  }

  /** Run id of the Redis server of the latest connection; "" before the first. */
  get runId(): string {
    return this.lastRunId;
  }

  /**
   * Opens one more connection to the same server, under the same rules; the caller connects and closes it.
   *
   * @param waitsForConnection see `RedisConnectionOptions`.
   */
  openConnection(name: string, waitsForConnection = false): RedisConnection {
    const { url, commandTimeoutMs } = this;
    const connection = new RedisConnection({ url, name, commandTimeoutMs, waitsForConnection });
    connection.on("trouble", (error) => this.logger.debug("trouble with a connection to Redis", { name, err: error }));
    return connection;
  }

  // ── Epoch ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The epoch that all scripts expect; "" while none is known, and then they are all refused. */
  get epoch(): string {
    return this.knownEpoch;
  }

  /** From now on all scripts expect this epoch. */
  adoptEpoch(epoch: string): void {
    this.knownEpoch = epoch;
  }

  /** The epoch in Redis; null if there is none: it is new, or has lost its data. */
  async readEpoch(): Promise<string | null> {
    return (await this.connection.call("GET", [this.keys.epoch])) as string | null;
  }

  /**
   * Sets the epoch in Redis and adopts it.
   *
   * @param expected what must be there now; null for nothing.
   * @returns false if something else is there.
   */
  async writeEpoch(next: string, expected: string | null): Promise<boolean> {
    const written = await runMeasuredScript(this.connection, "write-epoch", [this.keys.epoch], [expected ?? "", next]);
    if (written === 1) this.adoptEpoch(next);
    if (written === 1) history?.note("epoch", { epoch: next });
    return written === 1;
  }

  /**
   * Renames keys that are of another type than they should be: nothing could be done with them.
   *
   * @param types by key, as Redis calls them: `stream`, `hash`, `set`, `string`.
   * @returns the keys that were renamed.
   */
  async setMisplacedAside(types: Readonly<Record<string, string>>): Promise<string[]> {
    const keys = Object.keys(types);
    return (await runMeasuredScript(this.connection, "set-misplaced-aside", keys, Object.values(types))) as string[];
  }

  // ── Groups ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Makes sure that stream and group exist; a new group starts at the beginning of the stream.
   *
   * @param lost what to make of a group that was gone, perhaps with its stream: fields in the in-flight indexes that no
   *   entry stands for are dropped, so that the sweeper publishes their tasks again. Without it no field is touched.
   * @returns whether group and stream had to be created, and how many fields were dropped.
   */
  async ensureGroup(
    { stream, group }: GroupAddress,
    lost?: LostWork,
  ): Promise<{ groupCreated: boolean; streamCreated: boolean; dropped: number }> {
    const others = lost?.alsoIn.filter((other) => other !== stream) ?? [];
    const indexes = lost?.agentTypes.map((agentType) => this.keys.inFlight(agentType)) ?? [];
    const reply = await runMeasuredScript(
      this.connection,
      "recreate-group",
      [this.keys.epoch, stream, ...others, ...indexes],
      [this.knownEpoch, group, lost?.state ?? "", String(others.length)],
    );
    const [groupCreated, streamCreated, dropped] = reply as [number, number, number];
    if (dropped > 0) this.logger.warn("a work stream was gone; its tasks will be published again", { stream, dropped });
    return { groupCreated: groupCreated === 1, streamCreated: streamCreated === 1, dropped };
  }

  /** Length, pending count and consumers of a group. */
  async groupInfo({ stream, group }: GroupAddress): Promise<GroupInfo> {
    try {
      const [length, summary, consumers] = await Promise.all([
        this.connection.call("XLEN", [stream]),
        this.connection.call("XPENDING", [stream, group]),
        this.connection.call("XINFO", ["CONSUMERS", stream, group]),
      ]);
      return {
        exists: true,
        length: length as number,
        pending: (summary as [number])[0],
        consumers: (consumers as string[][]).map((consumer) => {
          const { name, pending } = toRecord(consumer);
          return { name: name!, pending: Number(pending) };
        }),
      };
    } catch (error) {
      if (!/^(NOGROUP|ERR no such key)/.test((error as Error).message)) throw error;
      return { exists: false, length: 0, pending: 0, consumers: [] };
    }
  }

  /** Consumers of the group declared dead that may still have pending entries. */
  async abandoned(group: string): Promise<string[]> {
    return (await this.connection.call("SMEMBERS", [this.keys.abandoned(group)])) as string[];
  }

  /**
   * Removes a consumer of which no process is registered, if it holds nothing; else its entries may be claimed now.
   *
   * @returns how many entries it holds (1,000 at most), 0 if it was removed, "live" if it is registered.
   */
  async removeConsumer(member: MemberIdentity, at: GroupAddress, consumer: string): Promise<"live" | number> {
    const of = history?.note("remove", { group: at.group, consumer });
    const answer = await this.registry.removeConsumer(member, at, consumer);
    history?.note("removed", { of, answer });
    return answer;
  }

  async readGroupStatus(): Promise<GroupStatus[]> {
    return this.registry.groupStatus();
  }

  /**
   * Replaces the published status of all groups.
   *
   * @param term of the coordinator that leads.
   * @returns false if a newer leader has written.
   */
  async writeGroupStatus(member: MemberIdentity, statuses: readonly GroupStatus[], term: number): Promise<boolean> {
    return this.registry.writeGroupStatus(member, statuses, term);
  }

  // ── Work ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Publishes tasks, settles attempts, and acknowledges the inputs, which goes last. Above 100 tasks in several
   * scripts, each of which checks that the inputs are still the member's.
   */
  async publishAndAcknowledge(member: MemberIdentity, batch: PublishBatch): Promise<PublishReport> {
    const of = history?.note("publish", { ...this.noted(member, batch.source), ...notedBatch(batch) });
    const report = await this.publisher.publish(member, batch);
    history?.note("published", { of, status: report.status, published: report.published });
    return report;
  }

  /**
   * Acknowledges and deletes entries, all or none.
   *
   * @returns "lost" if any of them is not the member's (any more).
   */
  async acknowledge(member: MemberIdentity, source: SourceEntries): Promise<"ok" | "lost"> {
    const report = await this.publishAndAcknowledge(member, { source, settled: [], tasks: [], events: [] });
    return report.status;
  }

  /** Moves tasks from the dispatch stream to agent streams, and sets aside what nobody takes. */
  async routeTasks(member: MemberIdentity, batch: RouteBatch): Promise<RouteReport> {
    const of = history?.note("route", { ...this.noted(member), tasks: notedRouted(batch) });
    const report = await this.work.route(member, batch);
    history?.note("routed", { of, answers: report.routed, letters: report.deadLetters });
    return report;
  }

  /** Marks tasks as started, before their handlers run: only started ones are charged with a crash. */
  async beginTasks(member: MemberIdentity, batch: BeginBatch): Promise<BeginOutcome[]> {
    const of = history?.note("begin", { ...this.noted(member, batch), tasks: notedDeliveries(batch.tasks) });
    const outcomes = await this.work.begin(member, batch);
    history?.note("begun", { of, answers: outcomes.map(({ status }) => status) });
    return outcomes;
  }

  /** Hands over results, each if its attempt is still the member's. */
  async completeTasks(member: MemberIdentity, batch: CompleteBatch): Promise<CompleteOutcome[]> {
    const of = history?.note("complete", { ...this.noted(member, batch), tasks: notedDeliveries(batch.results) });
    const outcomes = await this.work.complete(member, batch);
    history?.note("completed", { of, answers: outcomes });
    return outcomes;
  }

  /** The same for one result; all those handed over in one turn of the event loop share a script. */
  async completeTask(member: MemberIdentity, at: AgentGroupAddress, result: TaskResult): Promise<CompleteOutcome> {
    const key = `${member.incarnation} ${at.stream} ${at.group} ${at.agentType}`;
    return this.completions.add(key, result, (results) => this.completeTasks(member, { ...at, results }));
  }

  /** Keeps progress for the next delivery or attempt, and passes it on to the engine. */
  async saveCheckpoint(member: MemberIdentity, entry: CheckpointEntry): Promise<"saved" | "lost"> {
    return this.work.saveCheckpoint(member, entry);
  }

  /** Sets entries aside that nobody can process. */
  async deadLetterEntries(
    member: MemberIdentity,
    batch: GroupAddress & { entries: DeadLetterEntry[] },
  ): Promise<DeadLetterOutcome[]> {
    const ids = batch.entries.map(({ entryId }) => entryId);
    const of = history?.note("set-aside", { ...this.noted(member, batch), ids });
    const outcomes = await this.work.deadLetter(member, batch, batch.entries);
    history?.note("aside", { of, answers: outcomes });
    return outcomes;
  }

  /** Takes over entries of dead consumers of the group. */
  async claimEntries(member: MemberIdentity, request: ClaimRequest): Promise<ClaimReport> {
    const of = history?.note("claim", this.noted(member, request));
    const report = await this.work.claim(member, request);
    history?.note("claimed", { of, entries: notedEntries(report.entries) });
    return report;
  }

  // ── In-flight index ──────────────────────────────────────────────────────────────────────────────────────────────

  /** One page of the index, about 1,000 fields; a field may come twice. Start with cursor "0". */
  async inFlightPage(agentType: string, cursor: string): Promise<InFlightPage> {
    const reply = await this.connection.call("HSCAN", [this.keys.inFlight(agentType), cursor, "COUNT", "1000"]);
    const [next, flat] = reply as [string, string[]];
    const fields = Object.entries(toRecord(flat)).map(([taskKey, value]) => ({ taskKey, value }));
    return { cursor: next, fields };
  }

  /**
   * Removes fields that still have the value seen.
   *
   * @returns how many there were.
   */
  async dropInFlight(
    member: MemberIdentity,
    agentType: string,
    fields: readonly { taskKey: string; value: string }[],
  ): Promise<number> {
    return this.work.dropInFlight(member, agentType, fields);
  }

  /** The value of each task in the index, null where it has none. */
  async inFlightValues(agentType: string, taskKeys: readonly string[]): Promise<(string | null)[]> {
    if (taskKeys.length === 0) return [];
    return (await this.connection.call("HMGET", [this.keys.inFlight(agentType), ...taskKeys])) as (string | null)[];
  }

  /** Tasks in flight by agent type. */
  async inFlightCounts(agentTypes: readonly string[]): Promise<Record<string, number>> {
    const counts = await Promise.all(
      agentTypes.map((agentType) => this.connection.call("HLEN", [this.keys.inFlight(agentType)])),
    );
    return Object.fromEntries(agentTypes.map((agentType, i) => [agentType, counts[i] as number]));
  }

  // ── Members ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /**
   * Enters a new incarnation (given its first heartbeat), or brings the registration of one up to date. For
   * `HiveMember`.
   */
  async register(registration: Registration, first?: Heartbeat): Promise<MembershipReply> {
    return this.registry.register(registration, first);
  }

  /** All that are registered; some may be declared dead and not buried yet. */
  async registrations(): Promise<Registration[]> {
    return this.registry.registrations();
  }

  /** Removes registrations that cannot be read: a process behind one registers anew. @returns how many there were. */
  async forgetUnreadable(member: MemberIdentity): Promise<number> {
    return this.registry.forgetUnreadable(member);
  }

  /** The latest heartbeats by incarnation. */
  async heartbeats(): Promise<Map<string, Heartbeat>> {
    return this.registry.heartbeats();
  }

  /** The latest thousand verdicts or so, in no order. */
  async verdicts(): Promise<Verdict[]> {
    return this.registry.verdicts();
  }

  /** Which of the incarnations are in the dead set. */
  async deadAmong(incarnations: readonly string[]): Promise<Set<string>> {
    if (incarnations.length === 0) return new Set();
    const reply = (await this.connection.call("SMISMEMBER", [this.keys.dead, ...incarnations])) as number[];
    return new Set(incarnations.filter((_, i) => reply[i] === 1));
  }

  /** Which of the connections exist now. Ids of another life of the server mean nothing: compare the run id. */
  async connectionsPresent(ids: readonly string[]): Promise<PresentConnections> {
    const { runId } = this;
    if (ids.length === 0) return { runId, present: new Set() };
    const list = (await this.connection.call("CLIENT", ["LIST", "ID", ...ids])) as string;
    // A restart between the two would have closed this connection and failed the call.
    return { runId, present: new Set(Array.from(list.matchAll(/^id=(\d+) /gm), (match) => match[1]!)) };
  }

  /** Fences an incarnation off, if the evidence still stands. `killConnections` and `announceDeath` come next. */
  async declareDead(judge: MemberIdentity, judged: Registration, sentence: DeathSentence): Promise<DeclareOutcome> {
    const { incarnation, kind } = sentence;
    const of = history?.note("judge", { ...this.noted(judge), incarnation, kind });
    const outcome = await this.registry.declareDead(judge, judged, sentence);
    history?.note("judged", { of, outcome });
    return outcome;
  }

  /** Ends the registration of one that was declared dead, calls its entries abandoned, and tells everyone. */
  async announceDeath(member: MemberIdentity, dead: Registration): Promise<void> {
    await this.registry.announceDeath(member, dead);
  }

  /** Ends a life of this process's own; what it holds may be claimed and is charged to nobody. */
  async sayGoodbye(leaving: Registration, evidence: string): Promise<number> {
    history?.note("goodbye", { incarnation: leaving.incarnation, group: leaving.group });
    return this.registry.sayGoodbye(leaving, evidence);
  }

  /**
   * Kills connections.
   *
   * @param runId of the server that gave the ids; with another one nothing is killed.
   * @returns how many there were.
   */
  async killConnections(runId: string, ids: readonly string[]): Promise<number> {
    if (runId !== this.runId) return 0;
    const replies = await Promise.all(ids.map((id) => this.connection.call("CLIENT", ["KILL", "ID", id])));
    return replies.filter((reply) => reply === 1).length;
  }

  /** Ends a blocked read; false if that connection was not blocked. */
  async unblock(clientId: string): Promise<boolean> {
    return (await this.connection.call("CLIENT", ["UNBLOCK", clientId])) === 1;
  }

  // ── Broadcasts ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Tells everyone a hint. */
  async publishControl(message: ControlMessage): Promise<void> {
    await this.connection.call("XADD", [
      this.keys.control,
      "MAXLEN",
      "~",
      String(CONTROL_KEPT),
      "*",
      "m",
      JSON.stringify(message),
    ]);
  }

  /** Publishes events for onlookers, if there are any; best effort: a failure is logged and goes no further. */
  async publishEvents(events: readonly HiveEvent[]): Promise<void> {
    if (events.length === 0 || !this.hasOnlookers) return;
    try {
      await this.connection.call("XADD", [
        this.keys.events,
        "MAXLEN",
        "~",
        String(EVENTS_KEPT),
        "*",
        "v",
        "1",
        "m",
        eventPayload(events),
      ]);
    } catch (error) {
      this.logger.debug("events were not published", { err: error, events: events.length });
    }
  }

  /**
   * Says that somebody follows the events, for the next `seconds`.
   *
   * @param isNew tells everyone at once; otherwise they find out with their next heartbeat.
   */
  async announceOnlooker(seconds: number, isNew: boolean): Promise<void> {
    this.hasOnlookers = true;
    await this.connection.call("SET", [this.keys.onlookers, "1", "EX", String(seconds)]);
    if (isNew) await this.publishControl({ type: "onlookers" });
  }

  /** A plain command on the connection for commands, with its deadline. */
  async call(command: string, args: readonly string[]): Promise<unknown> {
    return this.connection.call(command, args);
  }

  /** What the notes of a member's calls have in common: who, under which epoch, in which group. */
  private noted(
    { incarnation }: MemberIdentity,
    at?: { group: string },
  ): { by: string; epoch: string; group?: string } {
    return { by: incarnation, epoch: this.knownEpoch, ...(at && { group: at.group }) };
  }

  private async run(
    name: ScriptName,
    member: Pick<MemberIdentity, "incarnation">,
    keys: readonly string[],
    args: readonly string[],
  ): Promise<unknown[]> {
    const expected = this.knownEpoch;
    const reply = (await runMeasuredScript(
      this.connection,
      name,
      [this.keys.epoch, this.keys.dead, ...keys],
      [expected, member.incarnation, ...args],
    )) as unknown[];
    if (reply[0] === "EPOCH") {
      this.emit("epoch-refused", expected);
      throw new EpochChangedError(name, expected);
    }
    if (reply[0] === "DEAD" && name !== "register") {
      this.emit("dead-refused", member.incarnation);
      throw new DeclaredDeadError(name, member.incarnation);
    }
    return reply;
  }
}

function notedBatch({ source, tasks, settled }: PublishBatch): object {
  return { source: source?.ids, tasks: notedAttempts(tasks), settled: notedAttempts(settled) };
}

const notedRouted = ({ routed }: RouteBatch): unknown[] =>
  notedDeliveries(routed.flatMap(({ entryId, tasks }) => tasks.map(({ task }) => ({ ...task, entryId }))));
