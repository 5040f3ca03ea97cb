import { Controller, Get, Module, Param, Post } from "@nestjs/common";
import { problemSchema } from "@agent-hive/contracts";
import { startService, type RunningService } from "./run-service.js";

@Controller("things")
class Things {
  @Get(":id")
  get(@Param("id") id: string): { id: string } {
    return { id };
  }

  @Post(":id")
  post(): void {}
}

@Module({ controllers: [Things] })
class ThingsModule {}

let service: RunningService;
beforeAll(async () => {
  service = await startService({
    name: "things",
    module: ThingsModule,
    host: "127.0.0.1",
    port: 0,
    logLevel: "silent",
  });
});
afterAll(() => service.stop());

test.each(["PUT", "PATCH", "DELETE", "QUERY"])(
  "%s where only others are possible is refused with those",
  async (method) => {
    const response = await fetch(`${service.url}/things/1`, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET, HEAD, OPTIONS, POST");
    expect(problemSchema.parse(await response.json())).toMatchObject({
      code: "METHOD_NOT_ALLOWED",
      detail: expect.stringContaining("Use one of: GET, HEAD, OPTIONS, POST."),
    });
  },
);

test("OPTIONS tells the methods, and HEAD the head of what GET would answer", async () => {
  const options = await fetch(`${service.url}/things/1`, { method: "OPTIONS" });
  expect([options.status, options.headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS, POST"]);
  const head = await fetch(`${service.url}/things/1`, { method: "HEAD" });
  expect([head.status, await head.text()]).toEqual([200, ""]);
});

test("a path that does not exist is not found, whatever the method", async () => {
  expect((await fetch(`${service.url}/nothing`, { method: "DELETE" })).status).toBe(404);
});

test("names in paths may be as long as names are", async () => {
  const id = "x".repeat(128);
  expect(await (await fetch(`${service.url}/things/${id}`)).json()).toEqual({ id });
});
