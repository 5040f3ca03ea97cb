import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { spansOf, type OtlpTraces, type SeenSpan } from "./spans.js";

/** Takes spans by OTLP over HTTP, as a collector does, and keeps them. */
export class SpanCollector {
  readonly spans: SeenSpan[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<SpanCollector> {
    const server = createServer((request, response) => {
      json(request)
        .then((sent) => collector.spans.push(...spansOf(sent as OtlpTraces)))
        .then(() => response.setHeader("content-type", "application/json").end("{}"))
        .catch((error: unknown) => response.writeHead(400).end(String(error)));
    });
    const collector = new SpanCollector(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  trace(traceId: string): SeenSpan[] {
    return this.spans.filter((span) => span.traceId === traceId);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, "close");
  }
}
