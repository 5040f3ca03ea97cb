import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { HiveApiError, HiveClient, HiveUnreachableError } from "./hive-client.js";

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
  /** Nobody answers there any more. */
  let nobody: string;
  beforeEach(async () => {
    nobody = await serve(() => undefined);
    servers.pop()!.close();
  });

  const definition = { name: "w", tasks: [] };

  test("another is asked when one is away, and is the first to be asked from then on", async () => {
    const asked: string[] = [];
    const answerAs =
      (name: string): Answer =>
      (_, response) => {
        asked.push(name);
        response.end("{}");
      };
    const engineUrl = [nobody, await serve(answerAs("second")), await serve(answerAs("third"))];
    const client = new HiveClient({ engineUrl });
    await client.submit(definition);
    await client.workflow("x");
    expect(asked).toEqual(["second", "second"]);
  });

  test.each([
    ["is repeated with an idempotency key", { idempotencyKey: "k" }, 1],
    ["is not repeated without one", {}, 0],
  ])("a submission that broke off, perhaps after it was stored, %s", async (_case, options, repeated) => {
    const breakOff = await serve((request) => request.socket.destroy());
    let asked = 0;
    const other = await serve((_, response) => void response.end(JSON.stringify({ id: ++asked })));
    const submitting = new HiveClient({ engineUrl: [breakOff, other] }).submit(definition, options);
    await (repeated > 0 ? submitting : expect(submitting).rejects.toBeInstanceOf(HiveUnreachableError));
    expect(asked).toBe(repeated);
  });

  test("a refusal is an answer, and nobody else is asked", async () => {
    const refusing = await serve((_, response) => void response.writeHead(404).end());
    const client = new HiveClient({ engineUrl: [refusing, nobody] });
    await expect(client.workflow("x")).rejects.toMatchObject({ status: 404 });
  });

  test("one that stands still is given up after the time limit, for requests and for events", async () => {
    const still = await serve(() => undefined);
    const other = await serve((_, response) => void response.end("{}"));
    await expect(new HiveClient({ engineUrl: [still, other], timeoutMs: 1_000 }).workflow("x")).resolves.toEqual({});
    const watching = new HiveClient({ engineUrl: [still, other], timeoutMs: 1_000 }).events();
    await expect(watching.next()).resolves.toMatchObject({ done: true });
  });

  test("when all are away the error names the last", async () => {
    const client = new HiveClient({ engineUrl: ["http://127.0.0.1:1", nobody] });
    await expect(client.workflow("x")).rejects.toThrow(nobody);
  });

  test("events are told by whichever is there", async () => {
    const event = { type: "workflow.submitted", at: "2026-01-01T00:00:00Z" };
    const telling = await serve(
      (_, response) => void response.end(`id: 1\nevent: any\ndata: ${JSON.stringify(event)}\n\n`),
    );
    const seen: unknown[] = [];
    for await (const { data } of new HiveClient({ engineUrl: [nobody, telling] }).events()) seen.push(data);
    expect(seen).toEqual([event]);
  });
});
