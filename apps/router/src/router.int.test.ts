/** The whole router on a real Redis, with the test in the place of engine, coordinator and agents. */
import { deadLetterPayloadSchema, parsePayload, taskEntryFields, taskItemJson } from "@agent-hive/contracts";
import { startService, type RunningService } from "@agent-hive/service-kit";
import { freePort, OwnRedis, storeUrl, waitFor } from "@agent-hive/testing";
import { readRouterSettings } from "./config.js";
import { routerService } from "./service.js";
import { Dispatcher, task } from "./test-fixtures/dispatcher.js";

const REDIS_URL = storeUrl("REDIS_URL");
let dispatcher: Dispatcher;
const services: RunningService[] = [];

beforeEach(async () => void (dispatcher = await new Dispatcher(REDIS_URL).open()));
afterEach(async () => {
  await Promise.all(services.splice(0).map((service) => service.stop()));
  await dispatcher.close();
});

async function startRouter(agentId = "router-1", redisUrl = REDIS_URL): Promise<RunningService> {
  const settings = readRouterSettings({
    env: {
      REDIS_URL: redisUrl,
      HIVE_KEY_PREFIX: dispatcher.keys.prefix,
      HIVE_AGENT_ID: agentId,
      HIVE_LOG_LEVEL: "silent",
    },
  });
  const service = await startService(routerService(settings));
  services.push(service);
  return service;
}
const routed = (stream: string, count: number) =>
  waitFor(
    `${count} entries in ${stream}`,
    async () => (await dispatcher.length(dispatcher.keys.stream(stream))) === count,
  );
const deadLetters = async () => {
  const entries = await dispatcher.entries(dispatcher.keys.results);
  return entries.map((fields) => {
    const parsed = parsePayload(deadLetterPayloadSchema, fields["m"]!);
    if (!parsed.ok) throw new Error(parsed.reason);
    return { fields, letter: parsed.value };
  });
};

/** A context in the trace of a task, under a span of its own. */
const ownContextIn = ({ traceparent }: { traceparent: string }): string =>
  expect.stringMatching(new RegExp(`^${traceparent.slice(0, 36)}(?!${traceparent.slice(36, 52)})[0-9a-f]{16}-01$`));

test("a task goes to its group's stream with all of its fields, and leaves the dispatch stream", async () => {
  const design = task("architects", "system_design");
  await startRouter();
  await dispatcher.publish(design, task("backend", "api_development"));
  await routed("agent_messages:architects", 1);
  await routed("agent_messages:backend", 1);
  expect(await dispatcher.entries(dispatcher.keys.stream("agent_messages:architects"))).toEqual([
    { ...taskEntryFields(design), tp: ownContextIn(design) },
  ]);
  expect(await dispatcher.length(dispatcher.keys.dispatch)).toBe(0);
});

test("what no group can take and what does not parse are set aside, and do not hold up the rest", async () => {
  const unwanted = task("qa", "cooking");
  await dispatcher.manager.call("XADD", [dispatcher.keys.dispatch, "*", "v", "9", "junk", "yes"]);
  await dispatcher.publish(unwanted, task("qa", "api_tests"));
  await startRouter();
  await routed("agent_messages:qa", 1);
  await waitFor("two dead letters", async () => (await deadLetters()).length === 2);
  const [unreadable, homeless] = await deadLetters();
  expect(unreadable).toMatchObject({
    fields: { t: "dead-letter" },
    letter: { reason: "UNPARSEABLE", fields: { v: "9", junk: "yes" } },
  });
  expect(homeless).toMatchObject({
    fields: { t: "dead-letter", k: unwanted.taskKey, a: "1", g: "qa", tp: ownContextIn(unwanted) },
    letter: {
      reason: "NO_TAKER",
      agentId: "router-1",
      entryId: expect.stringMatching(/^\d+-\d+\/0$/),
      fields: { m: taskItemJson(unwanted) },
    },
  });
  expect(homeless!.letter.message).toContain(unwanted.taskKey);
});

test("of an entry that carries a task nobody can read, the others are routed", async () => {
  const [first, last] = [task("qa", "api_tests"), task("backend", "api_development")];
  const items = [taskItemJson(first), '{"k":"nonsense"}', taskItemJson(last)];
  for (const { agentType, taskKey } of [first, last]) {
    await dispatcher.manager.call("HSET", [dispatcher.keys.inFlight(agentType), taskKey, "1"]);
  }
  const entry = ["v", "1", "t", "tasks", "m", `[${items.join(",")}]`];
  const id = (await dispatcher.manager.call("XADD", [dispatcher.keys.dispatch, "*", ...entry])) as string;
  await startRouter();
  await routed("agent_messages:qa", 1);
  await routed("agent_messages:backend", 1);
  await waitFor("nothing left", async () => (await dispatcher.length(dispatcher.keys.dispatch)) === 0);
  expect((await deadLetters()).map(({ letter }) => letter)).toMatchObject([
    { reason: "UNPARSEABLE", entryId: `${id}/1`, fields: { m: '{"k":"nonsense"}' } },
  ]);
});

test("an agent that has just registered a handler gets its tasks, before any coordinator told of it", async () => {
  await startRouter();
  const agent = await dispatcher.agent("qa_engineers_consumers", ["cooking"]);
  await dispatcher.publish(task("qa", "cooking"));
  await routed("agent_messages:qa", 1);
  await agent.stop();
});

test("a superseded attempt is dropped", async () => {
  const first = task("qa", "api_tests");
  await dispatcher.publish(first);
  await dispatcher.manager.call("HSET", [dispatcher.keys.inFlight("qa"), first.taskKey, "2"]);
  await startRouter();
  await waitFor("nothing left", async () => (await dispatcher.length(dispatcher.keys.dispatch)) === 0);
  expect(await dispatcher.length(dispatcher.keys.stream("agent_messages:qa"))).toBe(0);
});

test("several thousand tasks are routed once each by two routers", async () => {
  const tasks = Array.from({ length: 5_000 }, () => task("backend", "api_development"));
  await Promise.all([startRouter("router-1"), startRouter("router-2")]);
  await dispatcher.publish(...tasks);
  await routed("agent_messages:backend", tasks.length);
  const keys = (await dispatcher.entries(dispatcher.keys.stream("agent_messages:backend"))).map(
    (fields) => fields["k"],
  );
  expect(new Set(keys)).toEqual(new Set(tasks.map(({ taskKey }) => taskKey)));
});

test("the routing table tells what the coordinator published", async () => {
  const { url } = await startRouter();
  await dispatcher.manager.writeGroupStatus(
    { incarnation: "c", agentId: "c", service: "test" },
    [
      {
        group: "qa_engineers_consumers",
        agentType: "qa",
        stream: "agent_messages:qa",
        consumers: 2,
        slots: 5,
        handlers: ["cooking"],
      },
    ],
    1,
  );
  const qa = await waitFor("the slots", async () => {
    const { routes } = (await (await fetch(`${url}/v1/routes`)).json()) as { routes: Record<string, unknown>[] };
    return routes.find((route) => route["agentType"] === "qa" && route["slots"] === 5);
  });
  expect(qa).toMatchObject({
    group: "qa_engineers_consumers",
    consumers: 2,
    capabilities: ["api_tests", "cooking", "integration_tests", "ui_tests"],
    expectedWaitMs: 0,
  });
});

test("without Redis it waits, alive but not ready, and routes as soon as Redis is there", async () => {
  const port = await freePort();
  const { url } = await startRouter("router-1", `redis://127.0.0.1:${port}`);
  expect((await fetch(`${url}/health/live`)).status).toBe(200);
  expect((await fetch(`${url}/health/ready`)).status).toBe(503);
  const redis = await OwnRedis.start([], port);
  try {
    await waitFor("to be ready", async () => (await fetch(`${url}/health/ready`)).status === 200);
    const elsewhere = await new Dispatcher(`redis://127.0.0.1:${port}`, dispatcher.keys.prefix).open();
    await elsewhere.publish(task("qa", "api_tests"));
    await waitFor(
      "to be routed",
      async () => (await elsewhere.length(elsewhere.keys.stream("agent_messages:qa"))) === 1,
    );
    await elsewhere.close();
  } finally {
    await services.pop()!.stop();
    await redis.stop();
  }
});
