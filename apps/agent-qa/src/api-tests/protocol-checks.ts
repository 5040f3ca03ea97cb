import assert from "node:assert/strict";
import type { TestRun } from "../checks/run-tests.js";
import { expectProblem, expectStatus } from "../checks/test-bench.js";

const SESSION = "/api/session";

/** What holds for every address: refusals say what is wrong, and nothing odd gets through. */
export async function checkProtocol({ bench, checklist }: TestRun): Promise<void> {
  const visitor = bench.visitor();
  const post = (text: string, type = "application/json") =>
    visitor.request("POST", SESSION, { text, headers: { "content-type": type } });

  await checklist.check("protocol: the API describes itself", async () => {
    const answer = await visitor.request("GET", "/api/openapi.json");
    expectStatus(answer, 200);
    assert.equal((answer.json as { openapi?: string }).openapi, "3.1.0");
  });
  await checklist.check("protocol: an unknown address is 404", async () => {
    expectProblem(await visitor.request("GET", "/api/no-such-thing"), 404);
  });
  await checklist.check("protocol: an address that is not encoded correctly is 400", async () => {
    expectProblem(await visitor.request("GET", "/api/%zz"), 400);
  });
  await checklist.check("protocol: a method that is not declared is 405 and says which are", async () => {
    const answer = await visitor.request("PATCH", SESSION);
    expectProblem(answer, 405);
    assert.equal(answer.headers.get("allow"), "GET, POST, DELETE");
  });
  await checklist.check("protocol: a body that is not JSON is 400", async () => expectProblem(await post("{"), 400));
  await checklist.check("protocol: another media type is 415", async () => {
    expectProblem(await post("email=a", "application/x-www-form-urlencoded"), 415);
  });
  await checklist.check("protocol: a body above the limit is 413", async () => {
    expectProblem(await post(JSON.stringify({ email: "x".repeat(100_000) })), 413);
  });
  await checklist.check("protocol: a body that is no object is 422", async () => expectProblem(await post("[]"), 422));
  await checklist.check("protocol: a change asked for by another site is 403", async () => {
    const json = { email: "a@example.com", password: "long enough to try" };
    expectProblem(await visitor.request("POST", SESSION, { json, headers: { origin: "https://evil.example" } }), 403);
  });
  await checklist.check("protocol: answers forbid sniffing, framing and caching", async () => {
    const { headers } = await visitor.request("GET", "/api/openapi.json");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.match(headers.get("content-security-policy") ?? "", /frame-ancestors 'none'/);
    assert.equal(headers.get("cache-control"), "no-store");
  });
}
