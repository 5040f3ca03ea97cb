import type { FastifyReply } from "fastify";

/** A client that reads slower than this lags behind is cut off; it comes back with its `Last-Event-ID`. */
const BUFFER_LIMIT_BYTES = 1024 * 1024;
/** So often something is sent: who hears nothing for longer knows that this process is not there any more. */
const KEEP_ALIVE_MS = 2_000;

/** One open answer of server-sent events. */
export class ServerSentEvents {
  private readonly keepAlive: NodeJS.Timeout;
  private readonly raw;

  constructor(reply: FastifyReply, onClose: () => void) {
    reply.hijack();
    this.raw = reply.raw;
    this.raw.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      connection: "keep-alive",
      "x-accel-buffering": "no",
    });
    this.raw.flushHeaders();
    this.keepAlive = setInterval(() => this.write(": still here\n\n"), KEEP_ALIVE_MS);
    this.raw.on("close", () => {
      clearInterval(this.keepAlive);
      onClose();
    });
    // Who asks for the head only would be kept waiting for nothing.
    if (reply.request.method === "HEAD") this.end();
  }

  get isOpen(): boolean {
    return !this.raw.writableEnded && !this.raw.destroyed;
  }

  /** @param id sent back by the client as `Last-Event-ID` when it comes again. */
  send(event: string, data: unknown, id?: string): void {
    this.write(`${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  end(): void {
    if (this.isOpen) this.raw.end();
  }

  private write(text: string): void {
    if (!this.isOpen) return;
    this.raw.write(text);
    if (this.raw.writableLength > BUFFER_LIMIT_BYTES) this.raw.destroy();
  }
}
