import { eventPayload } from "./event-payload.js";
import { ENTRIES_PER_SCRIPT, KeyNumbers, scriptSized, type ScriptPort } from "./script-port.js";
import type { MemberIdentity, PublishBatch, PublishReport, SettledTask } from "./types.js";
import type { TaskEntry } from "@agent-hive/contracts";

interface Piece {
  tasks: readonly TaskEntry[];
  settled: readonly SettledTask[];
  isLast: boolean;
}

/**
 * Publishes the tasks that a batch of inputs led to, and acknowledges the inputs last: a crash anywhere before leaves
 * them pending, and whoever takes them over does it all again (keeps I6).
 */
export class Publisher {
  constructor(private readonly port: ScriptPort) {}

  async publish(member: MemberIdentity, batch: PublishBatch): Promise<PublishReport> {
    const { earlier, last } = cut(batch);
    const reports = await Promise.all(earlier.map((piece) => this.send(member, batch, piece)));
    const lost = reports.find((report) => report.status === "lost");
    // Only after all others have succeeded: acknowledged inputs whose tasks were refused (out of memory, say) would be
    // nobody's until the sweeper comes.
    reports.push(lost ?? (await this.send(member, batch, last)));
    const { status, inFlight } = reports.at(-1)!;
    const published = reports.reduce((sum, report) => sum + (report === lost ? 0 : report.published), 0);
    return { status, published, inFlight };
  }

  private async send(member: MemberIdentity, batch: PublishBatch, piece: Piece): Promise<PublishReport> {
    const { keys } = this.port;
    const { source } = batch;
    const types = new KeyNumbers(1);
    const ids = source?.ids ?? [];
    const events = piece.isLast ? eventPayload(batch.events) : "";
    const args = [
      source?.group ?? "",
      String(ids.length),
      piece.isLast && ids.length > 0 ? "1" : "0",
      String(piece.settled.length),
      String(piece.tasks.length),
      events,
      ...ids,
    ];
    for (const { agentType, taskKey, attempt } of piece.settled) {
      args.push(types.of(agentType), taskKey, String(attempt));
    }
    for (const { agentType, taskKey, attempt, capabilities, payload, traceparent, tracestate } of piece.tasks) {
      args.push(types.of(agentType), agentType, taskKey, String(attempt), capabilities.join(","));
      args.push(payload, traceparent, tracestate ?? "");
    }
    if (piece.isLast) typesOf(batch).forEach((agentType) => types.of(agentType));
    const keyList = [source?.stream ?? keys.dispatch, keys.dispatch, keys.events];
    for (const agentType of types.keys) {
      keyList.push(keys.inFlight(agentType), keys.crashes(agentType), keys.checkpoints(agentType));
    }
    const [status, published, ...counts] = await this.port.run("publish-and-acknowledge", member, keyList, args);
    if (status === "LOST") return { status: "lost", published: 0, inFlight: {} };
    const inFlight = Object.fromEntries(types.keys.map((agentType, i) => [agentType, counts[i] as number]));
    return { status: "ok", published: published as number, inFlight };
  }
}

function cut({ tasks, settled }: PublishBatch): { earlier: Piece[]; last: Piece } {
  const taskPieces = scriptSized(tasks);
  const settledPieces = scriptSized(settled, ENTRIES_PER_SCRIPT);
  const pieces: Piece[] = [];
  for (let i = 0; i < Math.max(1, taskPieces.length, settledPieces.length); i++) {
    pieces.push({ tasks: taskPieces[i] ?? [], settled: settledPieces[i] ?? [], isLast: false });
  }
  return { earlier: pieces.slice(0, -1), last: { ...pieces.at(-1)!, isLast: true } };
}

function typesOf({ tasks, settled, counts = [] }: PublishBatch): Set<string> {
  return new Set([...tasks.map((task) => task.agentType), ...settled.map((task) => task.agentType), ...counts]);
}
