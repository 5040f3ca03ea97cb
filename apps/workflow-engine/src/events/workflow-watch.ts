import type { TaskView, WorkflowView } from "@agent-hive/contracts";
import type { EventBatch, EventFeed } from "./event-feed.js";
import type { ServerSentEvents } from "./server-sent-events.js";

/** What a watch reads of PostgreSQL. */
export interface WatchedState {
  workflow(id: string): Promise<WorkflowView | null>;
  tasks(workflowId: string): Promise<TaskView[]>;
}

/** Events are best effort, so PostgreSQL is asked too whether the workflow has ended. */
const POLL_MS = 2000;

/** One onlooker of one workflow: a snapshot, its events, and its end. */
export class WorkflowWatch {
  private unsubscribe: () => void = () => undefined;
  private poll: NodeJS.Timeout | undefined;
  private held: EventBatch[] | undefined = [];

  constructor(
    private readonly workflowId: string,
    private readonly feed: Pick<EventFeed, "subscribe" | "ready">,
    private readonly state: WatchedState,
    private readonly pollMs = POLL_MS,
  ) {}

  /** Begins; what follows goes on by itself until the workflow has ended or `stop` is called. */
  async follow(stream: Pick<ServerSentEvents, "send" | "end" | "isOpen">): Promise<void> {
    // Listening comes before the snapshot, so that nothing falls between them; an event may be in both.
    this.unsubscribe = this.feed.subscribe((batch) =>
      this.held ? void this.held.push(batch) : this.pass(batch, stream),
    );
    try {
      await this.feed.ready();
      const [workflow, tasks] = await Promise.all([
        this.state.workflow(this.workflowId),
        this.state.tasks(this.workflowId),
      ]);
      stream.send("snapshot", { workflow, tasks });
      const { held = [] } = this;
      this.held = undefined;
      for (const batch of held) this.pass(batch, stream);
      if (workflow?.state !== "running") return this.end(stream, workflow);
      if (stream.isOpen) this.poll = setInterval(() => void this.look(stream), this.pollMs);
    } catch {
      this.stop();
      stream.end();
    }
  }

  /** Ends it, whatever it has come to. */
  stop(): void {
    clearInterval(this.poll);
    this.unsubscribe();
  }

  private pass({ events }: EventBatch, stream: Pick<ServerSentEvents, "send" | "end" | "isOpen">): void {
    const own = events.filter((event) => event.workflowId === this.workflowId);
    for (const event of own) stream.send(event.type, event);
    if (own.some(({ type }) => ENDS.has(type))) void this.look(stream);
  }

  private async look(stream: Pick<ServerSentEvents, "send" | "end" | "isOpen">): Promise<void> {
    const workflow = await this.state.workflow(this.workflowId).catch(() => undefined);
    // Undefined: PostgreSQL is away for now, and is asked again.
    if (workflow === undefined || workflow?.state === "running") return;
    this.end(stream, workflow);
  }

  private end(stream: Pick<ServerSentEvents, "send" | "end" | "isOpen">, workflow: WorkflowView | null): void {
    this.stop();
    if (stream.isOpen) stream.send("end", { workflow });
    stream.end();
  }
}

const ENDS: ReadonlySet<string> = new Set(["workflow.succeeded", "workflow.failed", "workflow.cancelled"]);
