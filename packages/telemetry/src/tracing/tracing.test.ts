import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { derivedTraceparent, newTraceparent, spanIdOf, traceIdOf } from "../trace-context.js";
import { startTracing, stopTracing, tracing, wallClockMs, type TracingOptions } from "./tracing.js";
import type { SpanFacts } from "./span.js";

interface Sent {
  resourceSpans: { resource: { attributes: unknown[] }; scopeSpans: { spans: Record<string, unknown>[] }[] }[];
}

const received: Sent[] = [];
let answerWith = 200;
let collector: Server;

beforeAll(async () => {
  collector = createServer((request, response) => {
    if (request.url !== "/v1/traces") return void response.end("called");
    json(request)
      .then((body) => answerWith === 200 && received.push(body as Sent))
      .then(() => response.writeHead(answerWith, { "content-type": "application/json" }).end("{}"))
      .catch((error: unknown) => response.destroy(error as Error));
  });
  await once(collector.listen(0, "127.0.0.1"), "listening");
});
afterAll(() => {
  collector.closeAllConnections();
  collector.close();
});
beforeEach(() => {
  received.length = 0;
  answerWith = 200;
});
afterEach(() => stopTracing());

const address = (): string => `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
const start = (more: Partial<TracingOptions> = {}): Promise<void> =>
  startTracing({ endpoint: address(), service: "s", instance: "s-1", ...more });
const span = (context: string, more: Partial<SpanFacts> = {}): SpanFacts => ({
  name: "n",
  kind: "producer",
  context,
  startMs: 1_700_000_000_000.25,
  endMs: 1_700_000_000_001,
  attributes: {},
  ...more,
});

async function spansSent(): Promise<Record<string, unknown>[]> {
  await tracing!.flush();
  return received.flatMap(({ resourceSpans }) => resourceSpans.flatMap(({ scopeSpans }) => scopeSpans[0]!.spans));
}

test("a span arrives as it was told, without what is not known, and says who wrote it", async () => {
  await start();
  const context = newTraceparent();
  const other = derivedTraceparent(context, "other");
  tracing!.write(
    span(context, {
      parentSpanId: spanIdOf(other),
      attributes: { a: 1, b: undefined, c: "x" },
      links: [{ traceId: traceIdOf(other), spanId: spanIdOf(other), why: "replaces" }],
      error: { type: "crashed", message: "gone" },
    }),
  );
  const [sent] = await spansSent();
  expect(sent).toMatchObject({
    traceId: traceIdOf(context),
    spanId: spanIdOf(context),
    parentSpanId: spanIdOf(other),
    kind: 4,
    startTimeUnixNano: "1700000000000250000",
    endTimeUnixNano: "1700000000001000000",
    status: { code: 2, message: "gone" },
    links: [{ spanId: spanIdOf(other), attributes: [{ key: "hive.link", value: { stringValue: "replaces" } }] }],
  });
  expect(sent!["attributes"]).toEqual([
    { key: "a", value: { intValue: 1 } },
    { key: "c", value: { stringValue: "x" } },
    { key: "error.type", value: { stringValue: "crashed" } },
  ]);
  expect(JSON.stringify(received[0]!.resourceSpans[0]!.resource)).toContain('"s-1"');
});

test("of a trace that is not sampled nothing is sent", async () => {
  await start();
  tracing!.write(span(newTraceparent(false)));
  const sampled = newTraceparent();
  tracing!.write(span(sampled));
  expect((await spansSent()).map(({ spanId }) => spanId)).toEqual([spanIdOf(sampled)]);
});

test("of a great many links the first are kept, and the others counted", async () => {
  await start();
  const context = newTraceparent();
  const link = { traceId: traceIdOf(context), spanId: "1".repeat(16), why: "dependency" } as const;
  tracing!.write(span(context, { links: Array.from({ length: 1_000 }, () => link) }));
  const [sent] = await spansSent();
  expect(sent).toMatchObject({ links: { length: 128 }, droppedLinksCount: 872 });
});

test("what a task fetches is a span below it; what the process fetches by itself is none", async () => {
  await start({ hasHandlers: true });
  const context = newTraceparent();
  await fetch(address());
  await tracing!.run(context, async () => {
    await new Promise(setImmediate);
    await fetch(address());
  });
  const calls = await spansSent();
  expect(calls).toMatchObject([{ name: "GET", kind: 3, traceId: traceIdOf(context), parentSpanId: spanIdOf(context) }]);
});

test("a collector that refuses, and one that takes spans again, are told of once each", async () => {
  const told: boolean[] = [];
  await start({ onDelivery: ({ sent }) => told.push(sent) });
  for (const status of [200, 400, 400, 200, 200]) {
    answerWith = status;
    tracing!.write(span(newTraceparent(), { startMs: wallClockMs(), endMs: wallClockMs() }));
    await tracing!.flush().catch(() => undefined);
  }
  expect(told).toEqual([false, true]);
});

test("more spans than go into one request all arrive, each once, whatever their size", async () => {
  await start();
  const contexts = Array.from({ length: 5_000 }, () => newTraceparent());
  contexts.forEach((context, index) => {
    const text = index % 1_000 === 0 ? "ü".repeat(500_000) : "x";
    tracing!.write(span(context, { attributes: { text } }));
  });
  const sent = await spansSent();
  expect(sent.map(({ spanId }) => spanId)).toEqual(contexts.map(spanIdOf));
  expect(received.length).toBeGreaterThan(2);
});

test("spans of one request after the other arrive once each, though their room is used again", async () => {
  await start();
  const contexts = Array.from({ length: 5 }, () => newTraceparent());
  for (const [index, context] of contexts.entries()) {
    tracing!.write(span(context, { attributes: { text: "x".repeat(1_000 * (5 - index)) } }));
    await tracing!.flush();
  }
  expect((await spansSent()).map(({ spanId }) => spanId)).toEqual(contexts.map(spanIdOf));
  expect(received).toHaveLength(5);
});

test("a process that has stopped writing writes nothing", async () => {
  await start();
  await stopTracing();
  expect(tracing).toBeUndefined();
});
