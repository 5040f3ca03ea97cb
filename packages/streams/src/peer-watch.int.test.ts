import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { eventually } from "@agent-hive/testing";
import type { HiveMember } from "./hive-member.js";
import { PeerWatch, type Death, type PeerWatchOptions } from "./peer-watch.js";
import type { RedisStreamsManager } from "./redis-streams-manager.js";
import { Bench, taskEntry } from "./test-fixtures/setup.js";

let bench: Bench;
let manager: RedisStreamsManager;
let observer: HiveMember;

beforeEach(async () => {
  bench = await Bench.open();
  manager = await bench.anotherManager();
  observer = await bench.member({
    manager,
    service: "group-coordinator",
    agentId: "coordinator",
    group: undefined,
    stream: undefined,
  });
});
afterEach(() => bench.close());

/** An agent in a process of its own. */
class AgentProcess {
  readonly lines: string[] = [];

  private constructor(readonly child: ChildProcess) {
    createInterface({ input: child.stdout! }).on("line", (line) => this.lines.push(line));
  }

  static async start(agentId: string): Promise<AgentProcess> {
    const script = join(import.meta.dirname, "test-fixtures", "agent-process.js");
    const child = spawn(process.execPath, [script, bench.url, bench.keys.prefix, agentId], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    bench.onClose(() => void child.kill("SIGKILL"));
    const agent = new AgentProcess(child);
    await agent.says("ready", 10_000);
    return agent;
  }

  /** The word that follows, the last time it was said. */
  async says(word: string, limitMs = 5_000): Promise<string> {
    const said = () => this.lines.findLast((line) => line.startsWith(`${word} `));
    return (await eventually(said, Boolean, limitMs))!.split(" ")[1]!;
  }
}

/** A watch that has looked once. */
async function watch(options: Partial<PeerWatchOptions> = {}): Promise<{ deaths: Death[] }> {
  const peerWatch = new PeerWatch({ manager, member: observer, mode: "coordinator", ...options });
  const deaths: Death[] = [];
  peerWatch.on("dead", (death) => deaths.push(death));
  bench.onClose(() => peerWatch.stop());
  await peerWatch.runOnce();
  peerWatch.start();
  return { deaths };
}

test("a killed process is declared crashed, and its work claimed by another", async () => {
  const [victim, heir] = [await AgentProcess.start("victim"), await AgentProcess.start("heir")];
  const { deaths } = await watch();
  heir.child.kill("SIGSTOP"); // so that the victim gets the work
  const [entryId] = await bench.dispatch(taskEntry());
  const incarnation = await victim.says("begun").then(() => victim.says("ready"));
  heir.child.kill("SIGCONT");
  victim.child.kill("SIGKILL");
  await expect(heir.says("begun")).resolves.toBe(entryId);
  expect(deaths).toMatchObject([{ kind: "crashed", registration: { agentId: "victim", incarnation } }]);
  expect((await bench.entries(bench.keys.results)).map(({ fields }) => fields)).toMatchObject([
    { t: "crash", e: entryId, d: incarnation, ch: "1" },
  ]);
  await eventually(
    () => manager.registrations(),
    (all) => all.every(({ agentId }) => agentId !== "victim"),
  );
}, 30_000);

test("a frozen process is declared frozen after six missing beats, loses its connections, and comes back as another", async () => {
  const victim = await AgentProcess.start("victim");
  const { deaths } = await watch();
  const incarnation = await victim.says("ready");
  victim.child.kill("SIGSTOP");
  const sinceMs = performance.now();
  await eventually(
    () => deaths,
    (all) => all.length === 1,
  );
  expect(performance.now() - sinceMs).toBeGreaterThan(1_400);
  expect(deaths).toMatchObject([{ kind: "frozen", registration: { incarnation } }]);
  const { connections } = deaths[0]!.registration;
  expect((await manager.connectionsPresent(connections)).present.size).toBe(0);
  // While it is frozen nothing goes to it any more; awake, it takes part again under a new name.
  const [entryId] = await bench.dispatch(taskEntry());
  await expect(bench.pending(incarnation)).resolves.toEqual([]);
  victim.child.kill("SIGCONT");
  await expect(victim.says("begun")).resolves.toBe(entryId);
  await expect(bench.pending(incarnation)).resolves.toEqual([]);
}, 30_000);

test("one that says goodbye is not declared dead", async () => {
  const agent = await AgentProcess.start("leaver");
  const { deaths } = await watch();
  agent.child.stdin!.end();
  await once(agent.child, "exit");
  await eventually(
    () => manager.registrations(),
    (all) => all.length === 1,
  );
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(deaths).toEqual([]);
  expect(await manager.verdicts()).toMatchObject([{ agentId: "leaver", kind: "left" }]);
}, 30_000);

test("a verdict that another did not finish is finished", async () => {
  const member = await bench.member({ heartbeatMs: 60_000 });
  const { incarnation } = member.identity;
  await member.stop({ goodbye: false });
  await bench.redis.sadd(bench.keys.dead, incarnation);
  await watch();
  await eventually(
    () => manager.registrations(),
    (all) => all.length === 1,
  );
  await expect(manager.abandoned(bench.backend.group)).resolves.toEqual([incarnation]);
});

test("evidence that no longer stands convicts nobody", async () => {
  const member = await bench.member({ heartbeatMs: 20 });
  const [registration] = (await manager.registrations()).filter(({ agentId }) => agentId === member.identity.agentId);
  const { incarnation, connections } = registration!;
  const sentence = { incarnation, kind: "frozen" as const, evidence: "", connections, heartbeatCounter: 0 };
  await eventually(
    () => manager.heartbeats(),
    (all) => all.get(incarnation)!.counter > 0,
  );
  await expect(manager.declareDead(observer.identity, registration!, sentence)).resolves.toBe("changed");
  const elsewhere = {
    ...sentence,
    connections: ["1"],
    heartbeatCounter: (await manager.heartbeats()).get(incarnation)!.counter,
  };
  await expect(manager.declareDead(observer.identity, registration!, elsewhere)).resolves.toBe("changed");
  await expect(manager.deadAmong([incarnation])).resolves.toEqual(new Set());
});

test("a coordinator whose term is over convicts nobody", async () => {
  const member = await bench.member({ heartbeatMs: 60_000 });
  const [registration] = (await manager.registrations()).filter(({ agentId }) => agentId === member.identity.agentId);
  const { incarnation, connections } = registration!;
  const sentence = { incarnation, kind: "frozen" as const, evidence: "", connections, heartbeatCounter: 0 };
  await manager.writeGroupStatus(observer.identity, [], 7);
  await expect(manager.declareDead(observer.identity, registration!, { ...sentence, term: 6 })).resolves.toBe(
    "superseded",
  );
  await expect(manager.writeGroupStatus(observer.identity, [], 6)).resolves.toBe(false);
  await expect(manager.declareDead(observer.identity, registration!, { ...sentence, term: 7 })).resolves.toBe(
    "declared",
  );
  await expect(
    manager.declareDead(observer.identity, { ...registration!, incarnation: "x" }, { ...sentence, incarnation: "x" }),
  ).resolves.toBe("gone");
});

test("peers leave the judging to a coordinator while there is one, and judge when there is none", async () => {
  const peer = await bench.member({ manager: await bench.anotherManager(), agentId: "peer" });
  const witnessed = await bench.member({ agentId: "witnessed" });
  const victim = await bench.member({ agentId: "victim" });
  await Promise.all([bench.member(), bench.member()]); // most others are to be there
  const peerWatch = new PeerWatch({ manager, member: peer, mode: "peer" });
  await peerWatch.runOnce();
  await vanish(witnessed);
  await expect(peerWatch.runOnce()).resolves.toEqual([]);
  await observer.stop();
  await peerWatch.runOnce(); // from here on it watches everyone
  await vanish(victim);
  await expect(peerWatch.runOnce()).resolves.toEqual([victim.identity.incarnation]);
});

/** Ends a member as a crash would: without a word, all its connections at once. */
async function vanish(member: HiveMember): Promise<void> {
  const { incarnation } = member.identity;
  const { connections } = (await manager.registrations()).find(
    (registration) => registration.incarnation === incarnation,
  )!;
  await member.stop({ goodbye: false });
  await manager.killConnections(manager.runId, connections);
}

test("consumers without a process are removed, those that hold something only when it is claimed", async () => {
  await bench.redis.xgroup("CREATECONSUMER", bench.backend.stream, bench.backend.group, "idle");
  await bench.redis.xadd(bench.backend.stream, "*", "v", "1");
  await bench.read(bench.backend.group, "holder", bench.backend.stream);
  const live = await bench.member();
  await bench.redis.xgroup("CREATECONSUMER", bench.backend.stream, bench.backend.group, live.identity.incarnation);
  await watch({ groups: () => [bench.backend] });
  const names = async () => (await manager.groupInfo(bench.backend)).consumers.map(({ name }) => name).sort();
  await eventually(names, (seen) => !seen.includes("idle"));
  expect(await names()).toEqual(["holder", live.identity.incarnation].sort());
  await expect(manager.abandoned(bench.backend.group)).resolves.toEqual(["holder"]);
  await manager.claimEntries(live.identity, { ...bench.backend, count: 10 });
  await eventually(names, (seen) => !seen.includes("holder"));
});
