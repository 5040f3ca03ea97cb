import { Module } from "@nestjs/common";
import { problemSchema } from "@agent-hive/contracts";
import { startService, type RunningService } from "./run-service.js";

@Module({})
class NothingModule {}

let service: RunningService;
beforeAll(async () => {
  service = await startService({
    name: "nothing",
    module: NothingModule,
    host: "127.0.0.1",
    port: 0,
    logLevel: "silent",
  });
});
afterAll(() => service.stop());

const level = async (): Promise<unknown> => (await fetch(`${service.url}/v1/log-level`)).json();

test("the level is told, and changed", async () => {
  expect(await level()).toEqual({ level: "silent" });
  const changed = await fetch(`${service.url}/v1/log-level/fatal`, { method: "PUT" });
  expect([changed.status, await changed.json()]).toEqual([200, { level: "fatal" }]);
  expect(await level()).toEqual({ level: "fatal" });
});

test("what is no level is refused with those that there are", async () => {
  const refused = await fetch(`${service.url}/v1/log-level/loud`, { method: "PUT" });
  expect(refused.status).toBe(400);
  expect(problemSchema.parse(await refused.json()).detail).toBe(
    '"loud" is no log level. Use one of: fatal, error, warn, info, debug, trace, silent.',
  );
});
