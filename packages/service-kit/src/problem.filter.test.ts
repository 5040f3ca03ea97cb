import { Controller, Get, HttpException, Module, NotFoundException, Param, Post } from "@nestjs/common";
import { problemSchema } from "@agent-hive/contracts";
import { TransientError } from "@agent-hive/domain";
import { Health } from "./health.js";
import { ProblemError } from "./problem.js";
import { startService, type RunningService } from "./run-service.js";

const THROWN: Record<string, unknown> = {
  problem: new ProblemError("BACKLOG_FULL", "Too much.", { retryAfterSeconds: 7 }),
  conflict: new ProblemError("CONFLICT", "No.", { errors: [{ path: "/name", message: "is taken", code: "taken" }] }),
  nest: new NotFoundException('There is no "x".'),
  teapot: new HttpException("A teapot.", 418),
  passing: new TransientError("REDIS_TIMEOUT", "Redis did not answer."),
  own: new RangeError("of the service's own"),
  defect: new Error("a secret"),
};

@Controller()
class Thrower {
  @Get("throw/:what")
  get(@Param("what") what: string): never {
    throw THROWN[what];
  }

  @Post("body")
  post(): void {}
}

@Module({ controllers: [Thrower] })
class ThrowerModule {}

let service: RunningService;
beforeAll(async () => {
  service = await startService({
    name: "thrower",
    module: ThrowerModule,
    host: "127.0.0.1",
    port: 0,
    logLevel: "silent",
    toProblem: (thrown) => (thrown instanceof RangeError ? new ProblemError("OVER_LIMIT", "Translated.") : undefined),
  });
});
afterAll(() => service.stop());

async function answerTo(path: string, init?: RequestInit) {
  const response = await fetch(service.url + path, init);
  expect(response.headers.get("content-type")).toBe("application/problem+json; charset=utf-8");
  const { status, code, detail, ...more } = problemSchema.loose().parse(await response.json());
  expect(response.status).toBe(status);
  return { status, code, detail, retryAfter: response.headers.get("retry-after"), more };
}

test.each([
  ["problem", 429, "BACKLOG_FULL", "Too much.", "7"],
  ["nest", 404, "NOT_FOUND", 'There is no "x".', null],
  ["teapot", 418, "MALFORMED_REQUEST", "A teapot.", null],
  ["passing", 503, "STORE_UNAVAILABLE", "Redis did not answer.", "1"],
  ["own", 413, "OVER_LIMIT", "Translated.", null],
  ["defect", 500, "INTERNAL", "The service failed to answer; its log has the reason.", null],
])("thrown: %s, answered: %d %s", async (what, status, code, detail, retryAfter) => {
  expect(await answerTo(`/throw/${what}`)).toMatchObject({ status, code, detail, retryAfter });
});

test("a problem tells its type, and where in the request it is", async () => {
  const { more } = await answerTo("/throw/conflict");
  expect(more).toMatchObject({
    type: "urn:agent-hive:problem:conflict",
    errors: [{ path: "/name", message: "is taken", code: "taken" }],
  });
});

test.each([
  ["an unknown path", "/nowhere", {}, 404, "NOT_FOUND"],
  ["a path that cannot be decoded", "/throw/%ff", {}, 400, "MALFORMED_REQUEST"],
  [
    "a body that is not what it says",
    "/body",
    { method: "POST", headers: { "content-type": "application/json" }, body: "{" },
    400,
    "MALFORMED_REQUEST",
  ],
  [
    "a body of another type",
    "/body",
    { method: "POST", headers: { "content-type": "text/csv" }, body: "," },
    415,
    "UNSUPPORTED_MEDIA_TYPE",
  ],
])("%s is a problem too", async (_, path, init, status, code) => {
  expect(await answerTo(path, init)).toMatchObject({ status, code });
});

test("a service that is not ready says what is missing, and when to ask again", async () => {
  service.app.get(Health).add("redis", () => Promise.reject(new Error("away")));
  expect(await answerTo("/health/ready")).toMatchObject({
    status: 503,
    code: "NOT_READY",
    retryAfter: "1",
    more: { checks: { redis: { status: "down", reason: "away" } } },
  });
});
