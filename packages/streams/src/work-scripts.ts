/**
 * The scripts that move work: from the engine to the dispatch stream, on to an agent, and back as a result. Here they
 * are cut to size, their arguments laid flat and their replies read; what they guarantee is in `lua/`.
 */
import { ROUTERS_GROUP, resultItemJson } from "@agent-hive/contracts";
import { toStreamEntries } from "./replies.js";
import { ENTRIES_PER_SCRIPT, KeyNumbers, scriptSized, type ScriptPort } from "./script-port.js";
import type {
  BeginBatch,
  BeginOutcome,
  CheckpointEntry,
  ClaimReport,
  ClaimRequest,
  CompleteBatch,
  CompleteOutcome,
  CrashedDelivery,
  DeadLetterEntry,
  DeadLetterOutcome,
  GroupAddress,
  MemberIdentity,
  RouteBatch,
  RouteOutcome,
  RouteReport,
  RoutedEntry,
  SavedCheckpoint,
  TaskStart,
} from "./types.js";

export class WorkScripts {
  constructor(private readonly port: ScriptPort) {}

  async route(member: MemberIdentity, { routed, deadLetters }: RouteBatch): Promise<RouteReport> {
    const source = { stream: this.port.keys.dispatch, group: ROUTERS_GROUP };
    // Dead letters first: the entry that carried them goes with its other tasks.
    const setAside = await this.deadLetter(member, source, deadLetters);
    const outcomes = await Promise.all(entriesBySize(routed).map((piece) => this.routePiece(member, piece)));
    return { routed: outcomes.flat(), deadLetters: setAside };
  }

  async begin(member: MemberIdentity, batch: BeginBatch): Promise<BeginOutcome[]> {
    return inPieces(batch.tasks, (piece) => this.beginPiece(member, batch, piece));
  }

  async complete(member: MemberIdentity, batch: CompleteBatch): Promise<CompleteOutcome[]> {
    const { keys } = this.port;
    const { stream, group, agentType } = batch;
    const keyList = [stream, keys.started(group), keys.inFlight(agentType), keys.results];
    return inPieces(batch.results, async (piece) => {
      const args = [group, agentType, member.agentId];
      for (const result of piece) {
        args.push(result.entryId, result.taskKey, String(result.attempt), resultItemJson(result));
      }
      const [, letters] = await this.port.run("complete-tasks", member, keyList, args);
      return Array.from(letters as string, (letter) => (letter === "c" ? "completed" : "lost"));
    });
  }

  async saveCheckpoint(member: MemberIdentity, entry: CheckpointEntry): Promise<"saved" | "lost"> {
    const { keys } = this.port;
    const { stream, group, agentType, entryId, taskKey, attempt, sequence, data, payload, traceparent } = entry;
    const keyList = [stream, keys.inFlight(agentType), keys.checkpoints(agentType), keys.results];
    const args = [group, agentType, entryId, taskKey, String(attempt), String(sequence), data, payload, traceparent];
    const [status] = await this.port.run("save-checkpoint", member, keyList, [...args, entry.tracestate ?? ""]);
    return status === "LOST" ? "lost" : "saved";
  }

  async deadLetter(
    member: MemberIdentity,
    source: GroupAddress,
    entries: readonly DeadLetterEntry[],
  ): Promise<DeadLetterOutcome[]> {
    const { keys } = this.port;
    return inPieces(entries, async (piece) => {
      const indexes = new KeyNumbers(6);
      const args = [source.group];
      for (const { entryId, keepsEntry, payload, agentType = "", taskKey = "", attempt, ...trace } of piece) {
        const isTask = agentType !== "" && taskKey !== "" && attempt !== undefined;
        const index = isTask ? indexes.of(keys.inFlight(agentType)) : "0";
        args.push(entryId, keepsEntry ? "0" : "1", payload, index, agentType, taskKey, String(attempt ?? ""));
        args.push(trace.traceparent ?? "", trace.tracestate ?? "");
      }
      const keyList = [source.stream, keys.started(source.group), keys.results, ...indexes.keys];
      const [, ...outcomes] = await this.port.run("dead-letter-entries", member, keyList, args);
      return outcomes as DeadLetterOutcome[];
    });
  }

  async claim(member: MemberIdentity, { stream, group, agentType, count }: ClaimRequest): Promise<ClaimReport> {
    const { keys } = this.port;
    const keyList = [stream, keys.abandoned(group), keys.started(group), keys.verdicts, keys.results];
    if (agentType !== undefined) keyList.push(keys.inFlight(agentType), keys.crashes(agentType));
    const reply = await this.port.run("claim-entries", member, keyList, [group, String(count)]);
    const [, remaining, entries, crashes] = reply as [string, number, [string, string[]][], string[]];
    return { entries: toStreamEntries(entries), crashed: toCrashes(crashes), remaining };
  }

  async dropInFlight(
    member: MemberIdentity,
    agentType: string,
    fields: readonly { taskKey: string; value: string }[],
  ): Promise<number> {
    const { keys } = this.port;
    const keyList = [keys.inFlight(agentType), keys.crashes(agentType), keys.checkpoints(agentType)];
    const counts = await inPieces(fields, async (piece) => {
      const args = piece.flatMap(({ taskKey, value }) => [taskKey, value]);
      const [, removed] = await this.port.run("drop-in-flight", member, keyList, args);
      return [removed as number];
    });
    return counts.reduce((sum, count) => sum + count, 0);
  }

  private async routePiece(member: MemberIdentity, piece: RoutedEntry[]): Promise<RouteOutcome[]> {
    const { keys } = this.port;
    const numbers = new KeyNumbers(4);
    const args: string[] = [ROUTERS_GROUP, String(piece.length), ...piece.map(({ entryId }) => entryId)];
    piece.forEach(({ tasks }, i) => {
      const entryNumber = String(i + 1);
      for (const { stream, task } of tasks) {
        const target = numbers.of(stream);
        const index = numbers.of(keys.inFlight(task.agentType));
        args.push(entryNumber, target, index, task.taskKey, String(task.attempt), task.agentType, task.payload);
        args.push(task.traceparent, task.tracestate ?? "");
      }
    });
    const [, letters] = await this.port.run("route-tasks", member, [keys.dispatch, ...numbers.keys], args);
    return Array.from(letters as string, (letter) => ROUTE_OUTCOMES[letter]!);
  }

  private async beginPiece(member: MemberIdentity, batch: BeginBatch, piece: TaskStart[]): Promise<BeginOutcome[]> {
    const { keys } = this.port;
    const { stream, group, agentType } = batch;
    const keyList = [
      stream,
      keys.started(group),
      keys.inFlight(agentType),
      keys.crashes(agentType),
      keys.checkpoints(agentType),
    ];
    const args = [group, String(Math.round(batch.startedAtMs))];
    for (const { entryId, taskKey, attempt, alone } of piece) {
      args.push(entryId, taskKey, String(attempt), alone ? "1" : "0");
    }
    const [, letters, ...told] = (await this.port.run("begin-tasks", member, keyList, args)) as string[];
    const outcomes = Array.from(letters!, (letter) => BEGIN_OUTCOMES[letter]!);
    for (let i = 0; i < told.length; i += 3) outcomes[Number(told[i]) - 1] = toBegun(told[i + 1]!, told[i + 2]!);
    return outcomes;
  }
}

const ROUTE_OUTCOMES: Record<string, RouteOutcome> = { r: "routed", s: "stale", l: "lost" };
const BEGIN_OUTCOMES: Record<string, BeginOutcome> = {
  b: { status: "begun", crashes: 0, crashesAlone: 0 },
  s: { status: "stale" },
  l: { status: "lost" },
};

/** Whole entries, so that each goes with all of its tasks; a piece has at most one that makes it too large. */
function entriesBySize(entries: readonly RoutedEntry[]): RoutedEntry[][] {
  const pieces: RoutedEntry[][] = [];
  let room = 0;
  for (const entry of entries) {
    if (room <= 0 || pieces.at(-1)!.length >= ENTRIES_PER_SCRIPT) {
      pieces.push([]);
      room = ENTRIES_PER_SCRIPT;
    }
    pieces.at(-1)!.push(entry);
    room -= entry.tasks.length;
  }
  return pieces;
}

/** Sends all pieces at once; the connection carries them one after the other. */
async function inPieces<T, R>(items: readonly T[], send: (piece: T[]) => Promise<R[]>): Promise<R[]> {
  const pieces = await Promise.all(scriptSized(items).map(send));
  return pieces.length === 1 ? pieces[0]! : pieces.flat();
}

function toBegun(crashes: string, checkpoint: string): BeginOutcome {
  const [all = 0, alone = 0] = /^(\d{1,9})\|(\d{1,9})$/.exec(crashes)?.slice(1).map(Number) ?? [];
  const saved = checkpoint === "" ? undefined : toCheckpoint(checkpoint);
  return { status: "begun", crashes: all, crashesAlone: alone, ...(saved && { checkpoint: saved }) };
}

function toCheckpoint(value: string): SavedCheckpoint | undefined {
  const match = /^(\d+)\|(\d+)\|(.*)$/s.exec(value);
  return match ? { attempt: Number(match[1]), sequence: Number(match[2]), data: match[3]! } : undefined;
}

function toCrashes(flat: readonly string[]): CrashedDelivery[] {
  const crashes: CrashedDelivery[] = [];
  for (let i = 0; i < flat.length; i += 3) {
    crashes.push({ entryId: flat[i]!, incarnation: flat[i + 1]!, charged: flat[i + 2] === "1" });
  }
  return crashes;
}
