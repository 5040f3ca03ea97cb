import type { StreamEntry } from "@agent-hive/contracts";
import { Server, type CustomTransportStrategy, type MessageHandler } from "@nestjs/microservices";
import { lastValueFrom } from "rxjs";
import { pause } from "../delay.js";
import { GroupConsumer } from "../group-consumer.js";
import type { HiveMember } from "../hive-member.js";
import type { RedisStreamsManager } from "../redis-streams-manager.js";
import { RedisStreamsContext } from "./redis-streams.context.js";

export const REDIS_STREAMS_TRANSPORT = Symbol("REDIS_STREAMS");
const DEFAULT_BATCH = 256;
const CLOSE_LIMIT_MS = 5_000;

export interface RedisStreamsServerOptions {
  manager: RedisStreamsManager;
  /** Started by the caller, and stopped after the server. */
  member: HiveMember;
  /** The consumer group of handlers that name none: `@EventPattern(stream, { group })`. */
  group: string;
  /** Most entries of one batch. Default 256. */
  batchSize?: number;
}

/**
 * Nest's transport over consumer groups. `@EventPattern("<stream>")` handlers get a whole batch, one at a time:
 * `(entries: StreamEntry[], context: RedisStreamsContext)`. When a handler resolves, what it has not settled itself is
 * acknowledged; when it throws, the batch stays pending and is handed over again. There are no replies.
 */
export class RedisStreamsServer extends Server implements CustomTransportStrategy {
  override readonly transportId = REDIS_STREAMS_TRANSPORT;
  override readonly propagatesEventHandlerErrors = true;
  private readonly consumers: GroupConsumer[] = [];
  private readonly running = new Set<Promise<void>>();

  constructor(private readonly options: RedisStreamsServerOptions) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
    try {
      for (const [pattern, handler] of this.messageHandlers) this.consume(pattern, handler);
      callback();
    } catch (error) {
      callback(error);
    }
  }

  async close(): Promise<void> {
    for (const consumer of this.consumers) consumer.quiet();
    const limit = new AbortController();
    await Promise.race([Promise.allSettled(this.running), pause(CLOSE_LIMIT_MS, limit.signal)]);
    limit.abort();
    await Promise.all(this.consumers.map((consumer) => consumer.stop()));
  }

  /** Nothing is emitted; the consumers' own events are at `unwrap`. */
  override on(): void {}

  /** The consumers, one for each pattern. */
  override unwrap<T = GroupConsumer[]>(): T {
    return this.consumers as T;
  }

  private consume(pattern: string, handler: MessageHandler): void {
    const { manager, member, group: defaultGroup, batchSize = DEFAULT_BATCH } = this.options;
    if (!handler.isEventHandler) {
      throw new Error(`Pattern "${pattern}": streams give no replies; use @EventPattern instead of @MessagePattern.`);
    }
    const group = (handler.extras?.["group"] as string | undefined) ?? defaultGroup;
    const address = { stream: manager.keys.stream(pattern), group };
    let isBusy = false;
    const consumer = new GroupConsumer({
      manager,
      member,
      ...address,
      capacity: () => (isBusy ? 0 : batchSize),
      onEntries: async (entries) => {
        isBusy = true;
        const context = new RedisStreamsContext([manager, member, address]);
        try {
          await this.track(this.handle(handler, entries, context, consumer));
        } finally {
          isBusy = false;
        }
      },
    });
    this.consumers.push(consumer);
    consumer.start();
  }

  private async handle(
    handler: MessageHandler,
    entries: StreamEntry[],
    context: RedisStreamsContext,
    consumer: GroupConsumer,
  ): Promise<void> {
    const ids = entries.map(({ id }) => id);
    try {
      for (let next: MessageHandler | undefined = handler; next; next = next.next) {
        await this.invoke(next, entries, context);
      }
      const open = context.open(ids);
      if (open.length > 0) await context.acknowledge(open);
    } finally {
      const open = new Set(context.open(ids));
      consumer.settled(ids.filter((id) => !open.has(id)));
    }
  }

  /** Nest's handlers resolve even if they throw: to an Observable that fails when it is subscribed to. */
  private async invoke(handler: MessageHandler, entries: StreamEntry[], context: RedisStreamsContext): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.onProcessingStartHook(this.transportId, context, async () => {
        try {
          const result: unknown = await handler(entries, context);
          await lastValueFrom(this.transformToObservable(result), { defaultValue: undefined });
          resolve();
        } catch (error) {
          reject(error);
        } finally {
          this.onProcessingEndHook?.(this.transportId, context);
        }
      });
    });
  }

  private async track(work: Promise<void>): Promise<void> {
    this.running.add(work);
    try {
      await work;
    } finally {
      this.running.delete(work);
    }
  }
}
