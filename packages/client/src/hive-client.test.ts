import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { HiveClient } from "./hive-client.js";
import { HiveApiError, HiveUnreachableError } from "./http-request.js";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** The address of a server that answers everything in this way. */
async function serve(answer: Answer): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const clientOf = async (answer: Answer): Promise<HiveClient> => new HiveClient({ engineUrl: await serve(answer) });

test("a refusal tells the problem with all its errors, and when to come again", async () => {
  const problem = {
    type: "about:blank",
    title: "Invalid workflow",
    status: 429,
    detail: "Too much waits.",
    code: "BACKLOG",
    errors: [{ path: "tasks/0", message: "is not known" }],
  };
  const client = await clientOf((_, response) => {
    response
      .writeHead(429, { "content-type": "application/problem+json", "retry-after": "2" })
      .end(JSON.stringify(problem));
  });
  const failure: unknown = await client.workflow("x").catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(HiveApiError);
  expect(failure).toMatchObject({ status: 429, retryAfterMs: 2000, problem });
  expect((failure as Error).message).toContain("tasks/0: is not known");
});

test("an answer that is no problem document is told all the same", async () => {
  const client = await clientOf((_, response) => void response.writeHead(502).end("<h1>Bad gateway</h1>"));
  await expect(client.workflow("x")).rejects.toMatchObject({
    status: 502,
    message: expect.stringContaining("Bad gateway"),
  });
});

test("nobody there is another error than a refusal", async () => {
  await expect(new HiveClient({ engineUrl: "http://127.0.0.1:1" }).workflow("x")).rejects.toBeInstanceOf(
    HiveUnreachableError,
  );
});

test("the idempotency key travels in its header, and ids are escaped", async () => {
  const seen: { url: string | undefined; key: unknown }[] = [];
  const client = await clientOf((request, response) => {
    seen.push({ url: request.url, key: request.headers["idempotency-key"] });
    response.end("{}");
  });
  await client.submit({ name: "n", tasks: [{ id: "a", agentType: "qa" }] }, { idempotencyKey: "once" });
  await client.workflow("../secret");
  expect(seen).toEqual([
    { url: "/v1/workflows", key: "once" },
    { url: "/v1/workflows/..%2Fsecret", key: undefined },
  ]);
});

test("large bodies are packed, and text goes as it was written", async () => {
  const seen: { type: unknown; encoding: unknown; body: string }[] = [];
  const client = await clientOf((request, response) => {
    void buffer(request).then((bytes) => {
      const encoding = request.headers["content-encoding"];
      const body = (encoding === "gzip" ? gunzipSync(bytes) : bytes).toString();
      seen.push({ type: request.headers["content-type"], encoding, body });
      response.end(seen.length === 1 ? '{"id":"1"}' : '{"workflows":[{"id":"2"},{"id":"3"}]}');
    });
  });
  const large = `{"name": "w", "input": "${"x".repeat(70_000)}"}`;
  const one = await client.submitText(large);
  const two = await client.submitText('{"name": 1}\n', { format: "ndjson" });
  expect([one, two]).toEqual([[{ id: "1" }], [{ id: "2" }, { id: "3" }]]);
  expect(seen).toEqual([
    { type: "application/json", encoding: "gzip", body: large },
    { type: "application/x-ndjson", encoding: undefined, body: '{"name": 1}\n' },
  ]);
});

test("server-sent events are read one by one, however they are cut into pieces", async () => {
  const client = await clientOf((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const text =
      'id: 1\nevent: task.started\ndata: {"type":"task.started"}\n\nid: 2\nevent: end\ndata: {"type":"é"}\n\n';
    const bytes = Buffer.from(text);
    const cut = bytes.indexOf(0xc3) + 1; // in the middle of a character
    response.write(bytes.subarray(0, cut));
    setImmediate(() => response.end(bytes.subarray(cut)));
  });
  const events = [];
  for await (const { id, type, data } of client.watch("w")) events.push([id, type, data]);
  expect(events).toEqual([
    ["1", "task.started", { type: "task.started" }],
    ["2", "end", { type: "é" }],
  ]);
});

describe("with several engines", () => {
  const nobody = "http://127.0.0.1:1";
  const workflow = { name: "n", tasks: [{ id: "a", agentType: "qa" }] };

  test.each<[string, Answer]>([
    ["is stopping", (_, response) => void response.writeHead(503).end()],
    ["dies in the middle of its answer", (request) => void request.socket.destroy()],
    ["is frozen", () => undefined],
  ])("a submission goes on at the next when one %s, under the same key", async (_, answer) => {
    const keys: unknown[] = [];
    const noteKey = (then: Answer): Answer => {
      return (request, response) => (keys.push(request.headers["idempotency-key"]), then(request, response));
    };
    const engineUrl = [
      nobody,
      await serve(noteKey(answer)),
      await serve(noteKey((_request, response) => response.end('{"id":"w"}'))),
    ];
    const client = new HiveClient({ engineUrl });

    expect(await client.submit(workflow)).toEqual({ id: "w" });

    expect(keys).toEqual([expect.any(String), keys[0]]);
    await client.workflow("w");
    expect(keys).toHaveLength(3); // the one that answered is asked first from now on
  });

  test("a refusal is an answer, which is not asked for twice", async () => {
    let asked = 0;
    const refuse: Answer = (_, response) => (asked++, response.writeHead(404).end());
    const client = new HiveClient({ engineUrl: [await serve(refuse), await serve(refuse)] });
    await expect(client.workflow("w")).rejects.toMatchObject({ status: 404 });
    expect(asked).toBe(1);
  });

  test("only when none answers the request fails", async () => {
    await expect(new HiveClient({ engineUrl: [nobody, nobody] }).workflow("w")).rejects.toThrow(HiveUnreachableError);
  });

  test("events of one that falls silent break off, and are followed at the next", async () => {
    const frozen = await serve((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(": hello\n\n");
    });
    const lives = await serve((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).end("event: end\ndata: {}\n\n");
    });
    const client = new HiveClient({ engineUrl: [frozen, lives], silenceMs: 200 });
    await expect(client.watch("w").next()).rejects.toThrow(HiveUnreachableError);
    await expect(client.watch("w").next()).resolves.toMatchObject({ value: { type: "end" } });
  });

  test("events that break off are followed at the next engine when they are asked for again", async () => {
    const dies = await serve((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).write(": hello\n\n");
      setImmediate(() => response.destroy());
    });
    const lives = await serve((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).end("event: end\ndata: {}\n\n");
    });
    const client = new HiveClient({ engineUrl: [dies, lives] });
    const follow = async () => {
      const types: string[] = [];
      for await (const { type } of client.watch("w")) types.push(type);
      return types;
    };
    await expect(follow()).rejects.toThrow();
    expect(await follow()).toEqual(["end"]);
  });
});
