import { taskItemJson, type TaskEntry } from "@agent-hive/contracts";
import { eventPayload } from "./event-payload.js";
import { scriptSized, type ScriptPort } from "./script-port.js";
import type { MemberIdentity, PublishBatch, PublishReport, SettledTask } from "./types.js";

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
    const { status } = reports.at(-1)!;
    // The latest count of each type is the one that counts.
    const inFlight = Object.assign({}, ...reports.map((report) => report.inFlight)) as Record<string, number>;
    const published = reports.reduce((sum, report) => sum + (report === lost ? 0 : report.published), 0);
    return { status, published, inFlight };
  }

  private async send(member: MemberIdentity, batch: PublishBatch, piece: Piece): Promise<PublishReport> {
    const { keys } = this.port;
    const ids = batch.source?.ids ?? [];
    const acknowledges = piece.isLast && ids.length > 0;
    const args = [
      batch.source?.group ?? "",
      String(ids.length),
      acknowledges ? "1" : "0",
      piece.isLast ? eventPayload(batch.events) : "",
      ...ids,
    ];
    const types = byType(piece, batch.counts);
    const keyList = [batch.source?.stream ?? keys.dispatch, keys.dispatch, keys.events];
    for (const [agentType, { settled, tasks }] of types) {
      keyList.push(keys.inFlight(agentType), keys.crashes(agentType), keys.checkpoints(agentType));
      args.push(String(settled.length), String(tasks.length));
      for (const { taskKey, attempt } of settled) args.push(taskKey, String(attempt));
      for (const task of tasks) args.push(task.taskKey, String(task.attempt), taskItemJson(task));
    }
    const [status, published, ...counts] = await this.port.run("publish-and-acknowledge", member, keyList, args);
    if (status === "LOST") return { status: "lost", published: 0, inFlight: {} };
    const inFlight = Object.fromEntries([...types.keys()].map((agentType, i) => [agentType, counts[i] as number]));
    return { status: "ok", published: published as number, inFlight };
  }
}

/** What a script does to the index of one agent type. */
interface OfType {
  settled: SettledTask[];
  tasks: TaskEntry[];
}

/** Tasks of one type keep their order; those of different types do not wait for each other anyway. */
function byType({ settled, tasks, isLast }: Piece, counts: readonly string[] = []): Map<string, OfType> {
  const types = new Map<string, OfType>();
  const of = (agentType: string): OfType => {
    let found = types.get(agentType);
    if (!found) types.set(agentType, (found = { settled: [], tasks: [] }));
    return found;
  };
  for (const task of settled) of(task.agentType).settled.push(task);
  for (const task of tasks) of(task.agentType).tasks.push(task);
  if (isLast) counts.forEach(of);
  return types;
}

function cut({ tasks, settled }: PublishBatch): { earlier: Piece[]; last: Piece } {
  const taskPieces = scriptSized(tasks);
  const settledPieces = scriptSized(settled);
  const pieces: Piece[] = [];
  for (let i = 0; i < Math.max(1, taskPieces.length, settledPieces.length); i++) {
    pieces.push({ tasks: taskPieces[i] ?? [], settled: settledPieces[i] ?? [], isLast: false });
  }
  return { earlier: pieces.slice(0, -1), last: { ...pieces.at(-1)!, isLast: true } };
}
