import { ClientProxy, type ReadPacket, type WritePacket } from "@nestjs/microservices";
import type { RedisStreamsManager } from "../redis-streams-manager.js";

/**
 * Emits entries: `client.emit("<stream>", { field: "value", … })`. For streams of an application's own; tasks are
 * published by `RedisStreamsManager`, which keeps the in-flight index with them.
 */
export class RedisStreamsClient extends ClientProxy {
  constructor(private readonly manager: RedisStreamsManager) {
    super();
  }

  async connect(): Promise<void> {
    await this.manager.connect();
  }

  /** The connection is the manager's: whoever opened it closes it. */
  close(): void {}

  override unwrap<T = RedisStreamsManager>(): T {
    return this.manager as T;
  }

  protected override publish({ pattern }: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    callback({ err: new Error(`Pattern "${pattern}": streams give no replies; use emit instead of send.`) });
    return () => undefined;
  }

  protected override async dispatchEvent<T = string>({ pattern, data }: ReadPacket): Promise<T> {
    const fields = Object.entries(data as Record<string, unknown>);
    const odd = fields.find(([, value]) => typeof value !== "string");
    if (odd || fields.length === 0) {
      throw new TypeError(`Stream "${pattern}": an entry is a record of strings${odd ? `; "${odd[0]}" is none` : ""}.`);
    }
    const stream = this.manager.keys.stream(this.normalizePattern(pattern as string));
    return (await this.manager.call("XADD", [stream, "*", ...(fields.flat() as string[])])) as T;
  }
}
