import { createKeys } from "@agent-hive/contracts";
import { agentTypesOf } from "@agent-hive/service-kit";
import { createTestRedis, type TestRedis } from "@agent-hive/testing";
import { Redis } from "ioredis";
import { accountName, holdersOf } from "../accounts.js";
import { aclFile, aclRules } from "./acl.js";
import { redisRights } from "./rights.js";

const types = agentTypesOf({ HIVE_LOAD_HANDLERS: false });
const holders = holdersOf(types);
const names = holders.map(accountName);
const AGENTS = names.filter((name) => name.startsWith("agent-"));
const MEMBERS = ["workflow-engine", "router", "group-coordinator", ...AGENTS];

let redis: TestRedis;
let nameOf: (account: string) => string;
const keys = () => createKeys(redis.prefix);

beforeAll(async () => {
  redis = await createTestRedis();
  nameOf = (account) => `${redis.prefix}${account}`;
  for (const holder of holders) {
    const name = nameOf(accountName(holder));
    const rules = aclRules({ name, password: "password", rights: redisRights(holder, keys(), types) });
    await redis.client.call("ACL", "SETUSER", name, ...rules);
  }
});
afterAll(async () => {
  await redis.client.call("ACL", "DELUSER", ...names.map(nameOf));
  await redis.close();
});

/** Redis itself says who might. */
async function whoMay(...command: string[]): Promise<string[]> {
  const answers = await Promise.all(
    names.map(async (name) => (await redis.client.call("ACL", "DRYRUN", nameOf(name), ...command)) === "OK"),
  );
  return names.filter((_name, index) => answers[index]);
}

const BACKEND = "agent_messages:backend";
const GROUP = "backend_engineers_consumers";

test.each<[string, (name: (text: string) => string) => string[], string[]]>([
  ["dispatch a task", (name) => ["XADD", name("workflow:dispatch"), "*", "m", "x"], ["workflow-engine"]],
  ["route a task to backends", (name) => ["XADD", name(BACKEND), "*", "m", "x"], ["router"]],
  [
    "hand a result over",
    (name) => ["XADD", name("workflow:results"), "*", "m", "x"],
    ["workflow-engine", "router", ...AGENTS],
  ],
  [
    "take a backend's task",
    (name) => ["XREADGROUP", "GROUP", GROUP, "c", "STREAMS", name(BACKEND), ">"],
    ["agent-backend"],
  ],
  ["claim a backend's task", (name) => ["XCLAIM", name(BACKEND), GROUP, "c", "0", "1-1"], ["agent-backend"]],
  ["acknowledge a backend's task", (name) => ["XACK", name(BACKEND), GROUP, "1-1"], ["agent-backend"]],
  ["delete a backend's task", (name) => ["XDEL", name(BACKEND), "1-1"], ["agent-backend"]],
  [
    "take a result",
    (name) => ["XREADGROUP", "GROUP", "g", "c", "STREAMS", name("workflow:results"), ">"],
    ["workflow-engine"],
  ],
  [
    "take a dispatch",
    (name) => ["XREADGROUP", "GROUP", "g", "c", "STREAMS", name("workflow:dispatch"), ">"],
    ["router"],
  ],
  [
    "look at backends' tasks",
    (name) => ["XRANGE", name(BACKEND), "-", "+"],
    ["workflow-engine", "router", "group-coordinator", "metrics-validator", "agent-backend"],
  ],
  [
    "settle a backend's attempt",
    (name) => ["HSET", name("hive:in_flight:backend"), "k", "1:done"],
    ["workflow-engine", "router", "agent-backend"],
  ],
  [
    "save a backend's checkpoint",
    (name) => ["HSET", name("hive:checkpoints:backend"), "k", "x"],
    ["workflow-engine", "agent-backend"],
  ],
  ["begin an epoch", (name) => ["SET", name("hive:epoch"), "2"], ["workflow-engine"]],
  ["begin a term", (name) => ["SET", name("hive:term"), "2"], ["group-coordinator"]],
  ["publish what groups look like", (name) => ["HSET", name("hive:groups"), "g", "{}"], ["group-coordinator"]],
  ["declare somebody dead", (name) => ["SADD", name("hive:dead"), "x"], MEMBERS],
  [
    "abandon a backend",
    (name) => ["SADD", name(`hive:abandoned:${GROUP}`), "x"],
    ["group-coordinator", "agent-backend"],
  ],
  ["trim the events", (name) => ["XTRIM", name("workflow:events"), "MAXLEN", "0"], ["workflow-engine"]],
  [
    "tell that somebody looks",
    (name) => ["SET", name("hive:onlookers"), "1"],
    ["workflow-engine", "metrics-validator"],
  ],
  [
    "run a script on backends' keys",
    (name) => ["EVAL", "return 1", "1", name("hive:crashes:backend")],
    ["workflow-engine", "agent-backend"],
  ],
])("to %s is for those only who do it", async (_what, command, expected) => {
  const asked = command((name) => `${redis.prefix}${name}`);
  expect((await whoMay(...asked)).toSorted()).toEqual([...expected].toSorted());
});

test.each([
  ["FLUSHALL"],
  ["FLUSHDB"],
  ["SHUTDOWN"],
  ["CONFIG", "GET", "*"],
  ["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"],
  ["ACL", "LIST"],
  ["KEYS", "*"],
  ["SCAN", "0"],
  ["MONITOR"],
  ["SCRIPT", "FLUSH"],
  ["FUNCTION", "FLUSH"],
  ["DEBUG", "SLEEP", "1"],
  ["REPLICAOF", "192.0.2.1", "6379"],
  ["CLIENT", "PAUSE", "1000"],
  ["PUBLISH", "channel", "text"],
  ["SAVE"],
])("nobody may %s", async (...command) => {
  expect(await whoMay(...command)).toEqual([]);
});

test("nobody may delete a stream, or a group, or anything of another hive", async () => {
  for (const stream of ["workflow:dispatch", "workflow:results", BACKEND]) {
    const key = `${redis.prefix}${stream}`;
    expect(await whoMay("DEL", key)).toEqual([]);
    expect(await whoMay("UNLINK", key)).toEqual([]);
    expect(await whoMay("XGROUP", "DESTROY", key, "group")).toEqual([]);
    expect(await whoMay("XGROUP", "SETID", key, "group", "0")).toEqual([]);
    expect(await whoMay("XADD", `another:${stream}`, "*", "m", "x")).toEqual([]);
  }
  expect(await whoMay("GET", "another:hive:epoch")).toEqual([]);
});

test("what a script does is checked as well: a right to run one is none to everything", async () => {
  const url = new URL(redis.url);
  url.username = nameOf("agent-backend");
  url.password = "password";
  const agent = new Redis(url.href, { lazyConnect: true, disableClientInfo: true });
  agent.on("error", () => undefined);
  try {
    await agent.connect();
    const { dispatch } = keys();
    const dispatching = agent.eval("return redis.call('XADD', KEYS[1], '*', 'm', 'x')", 1, dispatch);
    await expect(dispatching).rejects.toThrow(/can't access at least one of the keys/);
    await expect(agent.eval("return redis.call('FLUSHALL')", 0)).rejects.toThrow(/can't run this command/);
  } finally {
    agent.disconnect();
  }
});

test("the text of the file has no password in it, and closes Redis to who has no account", () => {
  const text = aclFile([
    { name: "router", password: "s3cret", rights: redisRights({ service: "router" }, keys(), types) },
  ]);
  expect(text).not.toContain("s3cret");
  expect(
    text
      .split("\n")
      .filter((line) => line.startsWith("user "))
      .map((line) => line.split(" ")[1]),
  ).toEqual(["default", "probe", "router"]);
  expect(text).toContain("user default off ");
});
