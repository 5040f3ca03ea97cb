import { EventEmitter } from "node:events";
import { ReplyError } from "ioredis";
import { controlMessageSchema, parsePayload, type ControlMessage } from "@agent-hive/contracts";
import type { Logger } from "@agent-hive/telemetry";
import { reconnectDelayMs } from "./backoff.js";
import { pause } from "./delay.js";
import type { RedisConnection } from "./redis-connection.js";
import { toStreamEntries, type RawEntry } from "./replies.js";

const BLOCK_MS = 5_000;
/** A blocked read that is this late has lost its connection without noticing. */
const LATE_MS = 1_000;
const MESSAGES_PER_READ = "100";

/** Reads the control stream: hints to everyone, from the moment of its start on. */
export class ControlReader extends EventEmitter<{ message: [message: ControlMessage] }> {
  private readonly stopping = new AbortController();
  private lastId: string | undefined;

  constructor(
    private readonly connection: RedisConnection,
    private readonly stream: string,
    private readonly logger: Logger,
  ) {
    super();
  }

  /** Connects; resolves once hints from now on cannot be missed. */
  async start(): Promise<void> {
    await this.untilItSucceeds(async () => {
      await this.connection.connect();
      const [latest] = (await this.connection.call("XREVRANGE", [this.stream, "+", "-", "COUNT", "1"])) as RawEntry[];
      this.lastId = latest?.[0] ?? "0-0";
    });
    void this.run();
  }

  stop(): void {
    this.stopping.abort();
    this.connection.close();
  }

  private async run(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      await this.untilItSucceeds(async () => {
        await this.connection.connect();
        await this.read();
      });
    }
  }

  private async untilItSucceeds(action: () => Promise<void>): Promise<void> {
    for (let failures = 1; !this.stopping.signal.aborted; failures++) {
      try {
        return await action();
      } catch (error) {
        // A connection that breaks is told of by itself; this would go on in silence for ever.
        if (failures === 1 && error instanceof ReplyError) {
          this.logger.warn("Redis refuses the control stream", { stream: this.stream, err: error });
        }
        await pause(reconnectDelayMs(failures, Math.random()), this.stopping.signal);
      }
    }
  }

  private async read(): Promise<void> {
    const args = ["COUNT", MESSAGES_PER_READ, "BLOCK", String(BLOCK_MS), "STREAMS", this.stream, this.lastId!];
    const reply = (await this.connection.call("XREAD", args, BLOCK_MS + LATE_MS)) as [string, RawEntry[]][] | null;
    for (const { id, fields } of toStreamEntries(reply?.[0]?.[1] ?? [])) {
      this.lastId = id;
      const parsed = parsePayload(controlMessageSchema, fields["m"] ?? "");
      if (parsed.ok) this.emit("message", parsed.value);
      else this.logger.warn("a control message could not be read", { entryId: id, reason: parsed.reason });
    }
  }
}
