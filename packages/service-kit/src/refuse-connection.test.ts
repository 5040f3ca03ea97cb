import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { Controller, Module, Post } from "@nestjs/common";
import { problemSchema } from "@agent-hive/contracts";
import { startService, type RunningService } from "./run-service.js";

@Controller("body")
class Bodies {
  @Post()
  post(): void {}
}

@Module({ controllers: [Bodies] })
class BodiesModule {}

let service: RunningService;
beforeAll(async () => {
  service = await startService({
    name: "bodies",
    module: BodiesModule,
    host: "127.0.0.1",
    port: 0,
    logLevel: "silent",
    requestTimeoutMs: 200,
  });
});
afterAll(() => service.stop());

/** What the service says to these bytes until it closes the connection. */
async function answerTo(bytes: string): Promise<{ status: number; type: string | undefined; body: unknown }> {
  const { port, hostname } = new URL(service.url);
  const socket = connect(Number(port), hostname, () => socket.write(bytes));
  const [head = "", body = ""] = (await text(socket)).split("\r\n\r\n");
  return {
    status: Number(/^HTTP\/1.1 (\d+)/.exec(head)?.[1]),
    type: /^content-type: (.*)$/im.exec(head)?.[1],
    body: JSON.parse(body),
  };
}

const HEAD = "POST /body HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";

test.each([
  ["no HTTP", "hello\r\n\r\n", 400, "MALFORMED_REQUEST"],
  ["an unknown method", "BREW /body HTTP/1.1\r\nhost: x\r\n\r\n", 400, "MALFORMED_REQUEST"],
  ["a length that is no number", `${HEAD}content-length: much\r\n\r\n{}`, 400, "MALFORMED_REQUEST"],
  ["a negative length", `${HEAD}content-length: -1\r\n\r\n{}`, 400, "MALFORMED_REQUEST"],
  ["a length twice over", `${HEAD}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}`, 400, "MALFORMED_REQUEST"],
  ["chunks that are none", `${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n`, 400, "MALFORMED_REQUEST"],
  ["a flood of headers", `${HEAD}${"x: y\r\n".repeat(5000)}\r\n`, 431, "OVER_LIMIT"],
  ["a body that is too slow", `${HEAD}content-length: 10\r\n\r\n{`, 408, "REQUEST_TIMEOUT"],
  ["a head that is too slow", HEAD, 408, "REQUEST_TIMEOUT"],
  ["more than the limit", `${HEAD}content-length: 99999999\r\nconnection: close\r\n\r\n`, 413, "OVER_LIMIT"],
])("%s is refused as a problem, and the service lives on", async (_what, bytes, status, code) => {
  const answer = await answerTo(bytes);
  expect(answer).toMatchObject({ status, type: expect.stringContaining("application/problem+json") });
  expect(problemSchema.parse(answer.body)).toMatchObject({ status, code });
  expect((await fetch(`${service.url}/health/live`)).status).toBe(200);
});
