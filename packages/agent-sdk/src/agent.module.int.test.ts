import "reflect-metadata";
import { Injectable } from "@nestjs/common";
import { startService } from "@agent-hive/service-kit";
import { AgentModule, type AgentOptions } from "./agent.module.js";
import { Handler } from "./handler.decorator.js";
import { readAgentSettings } from "./settings.js";
import type { TaskHandler } from "./task.js";
import { TestHive } from "./test-fixtures/test-hive.js";

@Injectable()
class Ranking {
  best(): string {
    return "first";
  }
}

@Handler("rank")
class Rank implements TaskHandler {
  constructor(private readonly ranking: Ranking) {}

  execute(): string {
    return this.ranking.best();
  }
}

@Handler("rank")
class OtherRank implements TaskHandler {
  execute(): undefined {
    return undefined;
  }
}

class Nameless implements TaskHandler {
  execute(): undefined {
    return undefined;
  }
}

let hive: TestHive;
beforeAll(async () => {
  hive = await TestHive.open();
});
afterAll(() => hive.close());

function start(options: AgentOptions) {
  const settings = readAgentSettings({ env: { REDIS_URL: hive.redisUrl, HIVE_KEY_PREFIX: hive.keys.prefix } });
  const module = AgentModule.forAgent(options, settings);
  return startService({ name: "agent-test", module, host: "127.0.0.1", port: 0, logLevel: "silent" });
}

test("handlers are found, and what their constructors name is injected; stopping says goodbye", async () => {
  const service = await start({ agentType: "BACKEND_ENGINEERS", handlers: [Rank], providers: [Ranking] });
  const task = await hive.publish({ handler: "rank" });
  expect((await hive.resultOf(task)).outcome).toEqual({ status: "succeeded", output: "first" });
  await service.stop();
  expect(await hive.manager.registrations()).toEqual([]);
});

test.each<[string, AgentOptions, string]>([
  [
    "an unknown agent type",
    { agentType: "backnd", handlers: [] },
    'Agent type "backnd" is not configured. Did you mean "backend"?',
  ],
  [
    "two handlers of one name",
    { agentType: "backend", handlers: [Rank, OtherRank], providers: [Ranking] },
    "Rank and OtherRank",
  ],
  ["a class without a name", { agentType: "backend", handlers: [Nameless] }, "Class Nameless is no handler"],
])("an agent with %s does not start, and says why", async (_, options, message) => {
  await expect(start(options)).rejects.toThrow(message);
});

test.each([
  ["a,b", "a comma"],
  ["", "nothing"],
  ["x".repeat(129), "too much"],
])("a handler's name cannot be %j: %s", (name) => {
  expect(() => Handler(name)).toThrow("1 to 128 characters and no comma");
});
