import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Controller, Get, Module, Param, Post } from "@nestjs/common";
import { problemSchema } from "@agent-hive/contracts";
import { startService, type RunningService, type ServiceOptions } from "../run-service.js";
import { SettingsError } from "../settings/settings-error.js";
import { SCOPES, readApiKeys, sha256Of, type Scope } from "./api-keys.js";
import { isLoopback } from "./loopback.js";

@Controller("v1")
class Things {
  @Get("things/:id")
  get(@Param("id") id: string): { id: string } {
    return { id };
  }

  @Post("things")
  post(): void {}

  @Post("artifacts")
  store(): void {}

  @Get("artifacts/:id")
  artifact(): object {
    return {};
  }
}

@Module({ controllers: [Things] })
class ThingsModule {}

const keyOf = (scope: Scope): string => `a-long-key-for-${scope}`;
const folder = mkdtempSync(join(tmpdir(), "api-keys-"));
const keysFile = join(folder, "keys.yaml");
writeFileSync(
  keysFile,
  JSON.stringify({ keys: SCOPES.map((scope) => ({ name: scope, scopes: [scope], sha256: sha256Of(keyOf(scope)) })) }),
);
const options: ServiceOptions = {
  name: "things",
  module: ThingsModule,
  host: "127.0.0.1",
  port: 0,
  logLevel: "silent",
};

let service: RunningService;
beforeAll(async () => {
  service = await startService({ ...options, apiKeysFile: keysFile });
});
afterAll(async () => {
  await service.stop();
  rmSync(folder, { recursive: true });
});

const ask = (method: string, path: string, key?: string) =>
  fetch(`${service.url}${path}`, { method, headers: key === undefined ? {} : { authorization: `Bearer ${key}` } });

test.each([
  ["GET", "/v1/things/1", ["read"]],
  ["POST", "/v1/things", ["write"]],
  ["GET", "/v1/artifacts/1", ["read", "artifacts"]],
  ["POST", "/v1/artifacts", ["write", "artifacts"]],
])("%s %s is open to the scopes %p and to no other", async (method, path, allowed) => {
  for (const scope of SCOPES) {
    const response = await ask(method, path, keyOf(scope));
    if (allowed.includes(scope)) expect(response.status).toBeLessThan(300);
    else {
      expect(response.status).toBe(403);
      expect(problemSchema.parse(await response.json())).toMatchObject({
        code: "FORBIDDEN",
        detail: `The API key "${scope}" allows ${scope}; ${method} ${path} needs ${allowed.join(" or ")}.`,
      });
    }
  }
});

test.each([
  ["no key", undefined],
  ["a key that nobody has", "a-long-key-for-nobody"],
  ["a digest in place of the key", sha256Of(keyOf("read"))],
])("%s is refused, where there is something and where there is nothing", async (_what, key) => {
  for (const path of ["/v1/things/1", "/v1/nothing", "/health/ready/more"]) {
    const response = await ask("GET", path, key);
    expect([response.status, response.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    expect(problemSchema.parse(await response.json()).code).toBe("UNAUTHENTICATED");
  }
});

test.each(["POST", "PUT", "OPTIONS"])("%s with another method's path needs a key as well", async (method) => {
  expect((await ask(method, "/v1/things/1")).status).toBe(401);
});

test("health needs no key", async () => {
  expect((await ask("GET", "/health/live")).status).toBe(200);
  expect((await ask("GET", "/health/ready?full=1")).status).toBe(200);
});

test.each(["0.0.0.0", "::", "192.0.2.1", "hive.example"])("at %s nobody listens without keys", async (host) => {
  await expect(startService({ ...options, host })).rejects.toThrow(/no API keys are set\. Name a file of keys in/);
});

test.each([
  ["127.0.0.1", true],
  ["127.8.9.1", true],
  ["::1", true],
  ["localhost", true],
  ["::", false],
  ["0.0.0.0", false],
  ["10.0.0.1", false],
  ["localhost.example", false],
])("%s: only this machine: %p", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});

test.each([
  ["keys: [", /cannot be read/],
  ["keys: []", /cannot be used/],
  ["keys: [{name: a, scopes: [read], sha256: secret}]", /must be the SHA-256 of the key/],
  ["keys: [{name: a, scopes: [all], sha256: x}]", /scopes/],
  ["keys: [{name: a, scopes: [read], key: x}]", /Unrecognized key/],
])("a file that is not one of keys is refused: %s", (text, problem) => {
  const file = join(folder, "wrong.yaml");
  writeFileSync(file, text);
  expect(() => readApiKeys(file)).toThrow(SettingsError);
  expect(() => readApiKeys(file)).toThrow(problem);
});
