import { Controller, Get, Headers, Param, Res, UseGuards } from "@nestjs/common";
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from "@nestjs/swagger";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import { WorkflowQueries } from "@agent-hive/persistence";
import { ProblemError } from "@agent-hive/service-kit";
import { ApiProblems } from "../http/api-problems.js";
import { validate } from "../http/validation.js";
import { StoreGuard } from "../store/store-guard.js";
import { EventFeed, type EventBatch } from "./event-feed.js";
import { isAfter, isEventId } from "./event-id.js";
import { ServerSentEvents } from "./server-sent-events.js";
import { WorkflowWatch } from "./workflow-watch.js";

const lastEventIdSchema = z
  .string()
  .refine(isEventId, "must be the id of an event, such as 1700000000000-0")
  .optional();
const EVENT_STREAM = { "text/event-stream": { schema: { type: "string" as const } } };

/** Events as server-sent events: of one workflow until it ends, or of the whole hive. */
@ApiTags("events")
@Controller("v1")
export class EventsController {
  constructor(
    private readonly feed: EventFeed,
    private readonly queries: WorkflowQueries,
  ) {}

  @Get("workflows/:id/events")
  @UseGuards(StoreGuard)
  @ApiOperation({
    operationId: "watchWorkflow",
    summary: "What happens to a workflow, live, until it ends",
    description:
      "The first event is `snapshot` with `{ workflow, tasks }`; then come its events by type. When the workflow has ended, " +
      "the last one is `end` with `{ workflow }`, and the stream closes.",
  })
  @ApiResponse({ status: 200, description: "Server-sent events", content: EVENT_STREAM })
  @ApiProblems(404, 503)
  async workflow(@Param("id", { schema: z.uuid() }) id: string, @Res() reply: FastifyReply): Promise<void> {
    const workflow = await this.queries.workflow(id);
    if (!workflow) throw new ProblemError("NOT_FOUND", `There is no workflow "${id}".`);
    const watch = new WorkflowWatch(id, this.feed, this.queries);
    await watch.follow(new ServerSentEvents(reply, () => watch.stop()));
  }

  @Get("events")
  @ApiOperation({
    operationId: "watchHive",
    summary: "Everything that happens in the hive, live",
    description: "With `Last-Event-ID`, what was kept since then comes first. Best effort.",
  })
  @ApiHeader({ name: "Last-Event-ID", required: false })
  @ApiResponse({ status: 200, description: "Server-sent events", content: EVENT_STREAM })
  @ApiProblems(400)
  async all(@Headers("last-event-id") lastEventId: string | undefined, @Res() reply: FastifyReply): Promise<void> {
    const since = validate(lastEventIdSchema, lastEventId, "header Last-Event-ID");
    let held: EventBatch[] | undefined = [];
    let position = since ?? "0-0";
    const send = ({ id, events }: EventBatch): void => {
      if (!isAfter(id, position)) return;
      position = id;
      // The id goes with the last event of its entry: whoever lost the connection before gets the whole entry again.
      events.forEach((event, index) => stream.send(event.type, event, index === events.length - 1 ? id : undefined));
    };
    const unsubscribe = this.feed.subscribe((batch) => (held ? void held.push(batch) : send(batch)));
    const stream = new ServerSentEvents(reply, unsubscribe);
    try {
      if (since !== undefined) for await (const batch of this.feed.since(since)) send(batch);
      held.forEach(send);
      held = undefined;
    } catch {
      // The head of an answer is out: a client comes back with its Last-Event-ID.
      stream.end();
    }
  }
}
