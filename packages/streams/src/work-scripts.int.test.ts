import {
  taskEntryFields,
  tasksEntryFields,
  type HiveEvent,
  type StreamEntry,
  type TaskEntry,
} from "@agent-hive/contracts";
import { DeclaredDeadError, EpochChangedError } from "./errors.js";
import { Bench, EPOCH, itemsOf, taskEntry, taskItems } from "./test-fixtures/setup.js";
import type { CompleteBatch, MemberIdentity, RoutedEntry } from "./types.js";

let bench: Bench;
let engine: MemberIdentity;
let agent: MemberIdentity;

beforeEach(async () => {
  bench = await Bench.open();
  engine = bench.identity("engine-1");
  agent = bench.identity("agent-1");
});
afterEach(() => bench.close());

const plain = (...tasks: TaskEntry[]) => ({ settled: [], tasks, events: [] });
const index = () => bench.redis.hgetall(bench.keys.inFlight("backend"));
const results = () => bench.entries(bench.keys.results);
const resultItems = async () => (await results()).flatMap(itemsOf);
const published = async () => (await bench.entries(bench.keys.dispatch)).map(taskItems);

/** One task, delivered to the agent and begun. */
async function begun(change: Partial<TaskEntry> = {}): Promise<{ task: TaskEntry; entryId: string }> {
  const task = taskEntry(change);
  const [entryId] = await bench.dispatch(task);
  await bench.read(bench.backend.group, agent.incarnation, bench.backend.stream);
  await begin(task, entryId!);
  return { task, entryId: entryId! };
}

const begin = (task: TaskEntry, entryId: string, { member = agent, alone = false } = {}) =>
  bench.manager.beginTasks(member, {
    ...bench.backend,
    startedAtMs: 1000,
    tasks: [{ entryId, taskKey: task.taskKey, attempt: task.attempt, alone }],
  });

const completion = ({ taskKey, attempt, traceparent }: TaskEntry, entryId: string): CompleteBatch => ({
  ...bench.backend,
  results: [{ entryId, taskKey, attempt, payload: "{}", traceparent }],
});

const buried = async (incarnation: string, kind: string, group = bench.backend.group): Promise<void> => {
  await bench.redis.sadd(bench.keys.dead, incarnation);
  await bench.redis.hset(bench.keys.verdicts, incarnation, JSON.stringify({ kind }));
  await bench.redis.sadd(bench.keys.abandoned(group), incarnation);
};

describe("publishing", () => {
  test("a published task stands in the dispatch stream with all its fields, and in the index", async () => {
    const task = taskEntry({ tracestate: "a=b", capabilities: ["hash", "gpu"] });
    await expect(bench.manager.publishAndAcknowledge(engine, plain(task))).resolves.toEqual({
      status: "ok",
      published: 1,
      inFlight: { backend: 1 },
    });
    const [entry, ...rest] = await bench.entries(bench.keys.dispatch);
    expect(rest).toEqual([]);
    expect(entry!.fields).toEqual({ v: "1", t: "tasks", m: expect.any(String) });
    const { taskKey: k, payload: m, traceparent: tp } = task;
    expect(itemsOf(entry!)).toEqual([{ k, a: 1, g: "backend", c: ["hash", "gpu"], m, tp, ts: "a=b" }]);
    await expect(index()).resolves.toEqual({ [task.taskKey]: "1" });
  });

  test("publishing the same attempt, or an older one, adds nothing; a newer one does", async () => {
    const task = taskEntry({ attempt: 2 });
    await bench.manager.publishAndAcknowledge(engine, plain(task));
    const again = await bench.manager.publishAndAcknowledge(engine, plain(task, { ...task, attempt: 1 }));
    expect(again.published).toBe(0);
    const newer = await bench.manager.publishAndAcknowledge(engine, plain({ ...task, attempt: 3 }));
    expect(newer.published).toBe(1);
    await expect(index()).resolves.toEqual({ [task.taskKey]: "3" });
  });

  test("the tasks of one call share an entry, whatever their types, and each stands in its own type's index", async () => {
    const tasks = [taskEntry(), taskEntry({ agentType: "qa" }), taskEntry()];
    await expect(bench.manager.publishAndAcknowledge(engine, plain(...tasks))).resolves.toEqual({
      status: "ok",
      published: 3,
      inFlight: { backend: 2, qa: 1 },
    });
    const entries = await published();
    expect(entries).toHaveLength(1);
    expect(new Set(entries[0])).toEqual(new Set(tasks));
    await expect(bench.redis.hgetall(bench.keys.inFlight("qa"))).resolves.toEqual({ [tasks[1]!.taskKey]: "1" });
  });

  test("tasks that were in flight already are left out of the entry, and without others there is none", async () => {
    const [known, fresh] = [taskEntry(), taskEntry()];
    await bench.manager.publishAndAcknowledge(engine, plain(known));
    const report = await bench.manager.publishAndAcknowledge(engine, plain(known, fresh));
    expect(report).toEqual({ status: "ok", published: 1, inFlight: { backend: 2 } });
    await bench.manager.publishAndAcknowledge(engine, plain(known, fresh));
    await expect(published()).resolves.toEqual([[known], [fresh]]);
  });

  test("an attempt that is named twice in one call is published once, and an older one after a newer not at all", async () => {
    const task = taskEntry();
    const newer = { ...task, attempt: 2 };
    const report = await bench.manager.publishAndAcknowledge(engine, plain(task, task, newer, task));
    expect(report).toMatchObject({ published: 2, inFlight: { backend: 1 } });
    await expect(published()).resolves.toEqual([[task, newer]]);
    await expect(index()).resolves.toEqual({ [task.taskKey]: "2" });
  });

  test("a task whose result is waiting is not published again", async () => {
    const { task, entryId } = await begun();
    await bench.manager.completeTasks(agent, completion(task, entryId));
    await expect(bench.manager.publishAndAcknowledge(engine, plain(task))).resolves.toMatchObject({ published: 0 });
  });

  test("inputs are acknowledged and deleted with what is published for them, and settled fields go", async () => {
    const { task, entryId } = await begun();
    await bench.manager.completeTasks(agent, completion(task, entryId));
    await bench.redis.hset(bench.keys.crashes("backend"), task.taskKey, "1|0");
    const [input] = await bench.read("workflow_engines", engine.incarnation, bench.keys.results);
    const next = taskEntry();
    const event: HiveEvent = { type: "task.succeeded", at: new Date(0).toISOString() };
    const report = await bench.manager.publishAndAcknowledge(engine, {
      source: { stream: bench.keys.results, group: "workflow_engines", ids: [input!.id] },
      settled: [{ agentType: "backend", taskKey: task.taskKey, attempt: 1 }],
      tasks: [next],
      events: [event],
    });
    expect(report).toEqual({ status: "ok", published: 1, inFlight: { backend: 1 } });
    await expect(results()).resolves.toEqual([]);
    await expect(index()).resolves.toEqual({ [next.taskKey]: "1" });
    await expect(bench.redis.hlen(bench.keys.crashes("backend"))).resolves.toBe(0);
    const [told] = await bench.entries(bench.keys.events);
    expect(JSON.parse(told!.fields["m"]!)).toEqual([event]);
  });

  test("settling an attempt leaves a newer one in flight", async () => {
    const task = taskEntry({ attempt: 2 });
    await bench.manager.publishAndAcknowledge(engine, plain(task));
    await bench.manager.publishAndAcknowledge(engine, {
      ...plain(),
      settled: [{ agentType: "backend", taskKey: task.taskKey, attempt: 1 }],
    });
    await expect(index()).resolves.toEqual({ [task.taskKey]: "2" });
  });

  test("a retry published together with the end of its earlier attempt keeps crashes and checkpoint", async () => {
    const task = taskEntry();
    const { agentType, taskKey } = task;
    await bench.manager.publishAndAcknowledge(engine, plain(task));
    await bench.redis.hset(bench.keys.crashes(agentType), taskKey, "1|0");
    await bench.redis.hset(bench.keys.checkpoints(agentType), taskKey, "1|1|5");
    const settled = [{ agentType, taskKey, attempt: 1 }];
    await bench.manager.publishAndAcknowledge(engine, { ...plain({ ...task, attempt: 2 }), settled });
    await expect(index()).resolves.toEqual({ [taskKey]: "2" });
    await expect(bench.redis.hget(bench.keys.crashes(agentType), taskKey)).resolves.toBe("1|0");
    await expect(bench.redis.hget(bench.keys.checkpoints(agentType), taskKey)).resolves.toBe("1|1|5");
  });

  test.each([1, 250])("nothing of %i tasks is published for inputs that another owns", async (count) => {
    const id = await bench.redis.xadd(bench.keys.results, "*", "t", "results");
    await bench.read("workflow_engines", "engine-2", bench.keys.results);
    const report = await bench.manager.publishAndAcknowledge(engine, {
      source: { stream: bench.keys.results, group: "workflow_engines", ids: [id!] },
      settled: [],
      tasks: Array.from({ length: count }, () => taskEntry()),
      events: [],
    });
    expect(report).toEqual({ status: "lost", published: 0, inFlight: {} });
    await expect(bench.entries(bench.keys.dispatch)).resolves.toEqual([]);
    await expect(index()).resolves.toEqual({});
    await expect(bench.redis.xlen(bench.keys.results)).resolves.toBe(1);
  });

  test("a batch of which one input is another's is lost as a whole", async () => {
    const mine = await bench.redis.xadd(bench.keys.results, "*", "t", "results");
    await bench.read("workflow_engines", engine.incarnation, bench.keys.results);
    const theirs = await bench.redis.xadd(bench.keys.results, "*", "t", "results");
    await bench.read("workflow_engines", "engine-2", bench.keys.results);
    const source = { stream: bench.keys.results, group: "workflow_engines" };
    await expect(bench.manager.acknowledge(engine, { ...source, ids: [mine!, theirs!] })).resolves.toBe("lost");
    await expect(bench.redis.xlen(bench.keys.results)).resolves.toBe(2);
    await expect(bench.manager.acknowledge(engine, { ...source, ids: [mine!] })).resolves.toBe("ok");
    await expect(bench.redis.xlen(bench.keys.results)).resolves.toBe(1);
  });

  test("250 tasks for one input are all published before the input is acknowledged", async () => {
    const id = await bench.redis.xadd(bench.keys.results, "*", "t", "results");
    await bench.read("workflow_engines", engine.incarnation, bench.keys.results);
    const report = await bench.manager.publishAndAcknowledge(engine, {
      source: { stream: bench.keys.results, group: "workflow_engines", ids: [id!] },
      settled: [],
      tasks: Array.from({ length: 250 }, () => taskEntry()),
      events: [],
    });
    expect(report).toEqual({ status: "ok", published: 250, inFlight: { backend: 250 } });
    expect((await published()).map((tasks) => tasks.length)).toEqual([100, 100, 50]);
    await expect(bench.redis.xlen(bench.keys.results)).resolves.toBe(0);
  });
});

describe("every script", () => {
  test("is refused at another epoch and without one, and changes nothing (I3)", async () => {
    const { task, entryId } = await begun();
    for (const epoch of ["2", undefined]) {
      if (epoch === undefined) await bench.redis.del(bench.keys.epoch);
      else await bench.redis.set(bench.keys.epoch, epoch);
      const before = await index();
      await expect(bench.manager.publishAndAcknowledge(engine, plain(taskEntry()))).rejects.toThrow(EpochChangedError);
      await expect(bench.manager.completeTasks(agent, completion(task, entryId))).rejects.toThrow(EpochChangedError);
      await expect(begin(task, entryId)).rejects.toThrow(EpochChangedError);
      await expect(bench.manager.claimEntries(agent, { ...bench.backend, count: 10 })).rejects.toThrow(
        EpochChangedError,
      );
      await expect(index()).resolves.toEqual(before);
      await expect(results()).resolves.toEqual([]);
    }
  });

  test("is refused to the dead, and changes nothing (I3)", async () => {
    const { task, entryId } = await begun();
    await bench.redis.sadd(bench.keys.dead, agent.incarnation);
    const refused = jestFn();
    bench.manager.on("dead-refused", refused.listener);
    await expect(bench.manager.completeTasks(agent, completion(task, entryId))).rejects.toThrow(DeclaredDeadError);
    await expect(begin(task, entryId)).rejects.toThrow(DeclaredDeadError);
    await expect(bench.manager.claimEntries(agent, { ...bench.backend, count: 10 })).rejects.toThrow(DeclaredDeadError);
    await expect(bench.manager.publishAndAcknowledge(agent, plain(taskEntry()))).rejects.toThrow(DeclaredDeadError);
    expect(refused.calls).toEqual(Array(4).fill([agent.incarnation]));
    await expect(results()).resolves.toEqual([]);
    await expect(bench.pending(agent.incarnation)).resolves.toEqual([entryId]);
  });

  test("runs on a server that has forgotten it", async () => {
    await bench.manager.publishAndAcknowledge(engine, plain(taskEntry()));
    await bench.redis.script("FLUSH");
    await expect(bench.manager.publishAndAcknowledge(engine, plain(taskEntry()))).resolves.toMatchObject({
      published: 1,
    });
  });
});

describe("routing", () => {
  const router = () => bench.identity("router-1");
  const route = (...routed: RoutedEntry[]) => bench.manager.routeTasks(router(), { routed, deadLetters: [] });
  /** Tasks in one entry, delivered to the router. */
  const delivered = async (...tasks: TaskEntry[]): Promise<StreamEntry> => {
    await bench.manager.publishAndAcknowledge(engine, plain(...tasks));
    const [entry] = await bench.read("routers", "router-1", bench.keys.dispatch);
    return entry!;
  };

  test("moves current tasks with their fields, each to an entry of its own, and drops stale ones", async () => {
    const [current, stale, other] = [taskEntry({ tracestate: "x=y" }), taskEntry(), taskEntry()];
    const entry = await delivered(current, stale, other);
    await bench.manager.publishAndAcknowledge(engine, { ...plain(), settled: [{ ...stale }] });
    const retraced = { ...current, traceparent: taskEntry().traceparent };
    const report = await route(bench.routed(entry, [retraced, stale, other]));
    expect(report.routed).toEqual(["routed", "stale", "routed"]);
    const routed = (await bench.entries(bench.backend.stream)).map(({ fields }) => fields);
    expect(routed).toEqual([taskEntryFields(retraced), taskEntryFields(other)]);
    await expect(bench.entries(bench.keys.dispatch)).resolves.toEqual([]);
  });

  test("splits the tasks of one entry between the groups that take them", async () => {
    const [backend, qa] = [taskEntry(), taskEntry({ agentType: "qa" })];
    const entry = await delivered(backend, qa);
    const elsewhere = bench.keys.stream("agent_messages:qa");
    const [toBackend] = bench.routed(entry, [backend]).tasks;
    const report = await route({ entryId: entry.id, tasks: [{ stream: elsewhere, task: qa }, toBackend!] });
    expect(report.routed).toEqual(["routed", "routed"]);
    expect((await bench.entries(elsewhere)).map(({ fields }) => fields)).toEqual([taskEntryFields(qa)]);
    expect((await bench.entries(bench.backend.stream)).map(({ fields }) => fields)).toEqual([taskEntryFields(backend)]);
  });

  test("tells the outcomes of many entries apart, also where one carries more than a script's size", async () => {
    const tasks = Array.from({ length: 320 }, () => taskEntry());
    const fields = Object.entries(tasksEntryFields(tasks.slice(0, 250))).flat();
    const inFlight = tasks.flatMap(({ taskKey }) => [taskKey, "1"]);
    await bench.redis.hset(bench.keys.inFlight("backend"), ...inFlight);
    await bench.redis.xadd(bench.keys.dispatch, "*", ...fields);
    for (const task of tasks.slice(250)) {
      await bench.redis.xadd(bench.keys.dispatch, "*", ...Object.entries(tasksEntryFields([task])).flat());
    }
    const entries = await bench.read("routers", "router-1", bench.keys.dispatch, 61);
    const others = await bench.read("routers", "router-2", bench.keys.dispatch);
    const report = await route(...[...entries, ...others].map((entry) => bench.routed(entry)));
    expect(report.routed).toEqual([...Array<string>(310).fill("routed"), ...Array<string>(10).fill("lost")]);
    const keys = (await bench.entries(bench.backend.stream)).map((entry) => entry.fields["k"]);
    expect(keys).toEqual(tasks.slice(0, 310).map(({ taskKey }) => taskKey));
    expect((await bench.entries(bench.keys.dispatch)).map(({ id }) => id)).toEqual(others.map(({ id }) => id));
  });

  test("an entry without a task to route is acknowledged all the same", async () => {
    const entry = await delivered(taskEntry());
    await expect(route(bench.routed(entry, []))).resolves.toEqual({ routed: [], deadLetters: [] });
    await expect(bench.entries(bench.keys.dispatch)).resolves.toEqual([]);
  });

  test("leaves alone what another router owns", async () => {
    const task = taskEntry();
    await bench.manager.publishAndAcknowledge(engine, plain(task));
    const [entry] = await bench.read("routers", "router-2", bench.keys.dispatch);
    await expect(route(bench.routed(entry!))).resolves.toMatchObject({ routed: ["lost"] });
    await expect(bench.entries(bench.backend.stream)).resolves.toEqual([]);
    await expect(bench.redis.xlen(bench.keys.dispatch)).resolves.toBe(1);
  });

  test("a task whose entry was deleted after it was read is routed all the same", async () => {
    const task = taskEntry();
    const entry = await delivered(task);
    await bench.redis.xdel(bench.keys.dispatch, entry.id);
    await expect(route(bench.routed(entry))).resolves.toMatchObject({ routed: ["routed"] });
    await expect(index()).resolves.toEqual({ [task.taskKey]: "1" });
    const routed = (await bench.entries(bench.backend.stream)).map(({ fields }) => fields);
    expect(routed).toEqual([taskEntryFields(task)]);
    await expect(bench.pending(undefined, { stream: bench.keys.dispatch, group: "routers" })).resolves.toEqual([]);
  });

  test("setting one task of an entry aside leaves the others to be routed, and can be repeated (I6)", async () => {
    const [wanted, homeless] = [taskEntry(), taskEntry()];
    const entry = await delivered(wanted, homeless);
    const letter = { ...homeless, entryId: entry.id, keepsEntry: true, payload: '{"reason":"NO_TAKER"}' };
    // As if the router had died before its second script.
    const first = await bench.manager.routeTasks(router(), { routed: [], deadLetters: [letter] });
    expect(first.deadLetters).toEqual(["dead-lettered"]);
    await expect(bench.redis.xlen(bench.keys.dispatch)).resolves.toBe(1);
    const batch = { routed: [bench.routed(entry, [wanted])], deadLetters: [letter] };
    await expect(bench.manager.routeTasks(router(), batch)).resolves.toEqual({
      routed: ["routed"],
      deadLetters: ["stale"],
    });
    await expect(results()).resolves.toHaveLength(1);
    await expect(bench.entries(bench.keys.dispatch)).resolves.toEqual([]);
    await expect(index()).resolves.toEqual({ [wanted.taskKey]: "1", [homeless.taskKey]: "1:done" });
  });

  test("sets aside what nobody takes: the engine gets it, the stream loses it", async () => {
    const task = taskEntry();
    await bench.manager.publishAndAcknowledge(engine, plain(task));
    const [entry] = await bench.read("routers", "router-1", bench.keys.dispatch);
    const deadLetters = [{ ...task, entryId: entry!.id, payload: '{"reason":"NO_TAKER"}' }];
    const report = await bench.manager.routeTasks(bench.identity("router-1"), { routed: [], deadLetters });
    expect(report.deadLetters).toEqual(["dead-lettered"]);
    const [result] = await results();
    expect(result!.fields).toMatchObject({
      v: "1",
      t: "dead-letter",
      k: task.taskKey,
      a: "1",
      m: '{"reason":"NO_TAKER"}',
    });
    await expect(index()).resolves.toEqual({ [task.taskKey]: "1:done" });
    await expect(bench.entries(bench.keys.dispatch)).resolves.toEqual([]);
  });
});

describe("beginning and completing", () => {
  test("a completed task leaves its result, no entry, no mark, and a done field", async () => {
    const { task, entryId } = await begun();
    await expect(bench.redis.hget(bench.keys.started(bench.backend.group), entryId)).resolves.toBe("agent-1|0|1000");
    await expect(bench.manager.completeTasks(agent, completion(task, entryId))).resolves.toEqual(["completed"]);
    const [result] = await results();
    const from = { g: "backend", i: agent.incarnation, n: agent.agentId };
    expect(result!.fields).toEqual({ v: "1", t: "results", ...from, m: expect.any(String) });
    const { taskKey: k, traceparent: tp } = task;
    expect(itemsOf(result!)).toEqual([{ k, a: 1, tp, m: {} }]);
    await expect(index()).resolves.toEqual({ [task.taskKey]: "1:done" });
    await expect(bench.entries(bench.backend.stream)).resolves.toEqual([]);
    await expect(bench.redis.exists(bench.keys.started(bench.backend.group))).resolves.toBe(0);
  });

  test("completing twice leaves one result (I2)", async () => {
    const { task, entryId } = await begun();
    await bench.manager.completeTasks(agent, completion(task, entryId));
    await expect(bench.manager.completeTasks(agent, completion(task, entryId))).resolves.toEqual(["lost"]);
    const { task: other, entryId: otherId } = await begun();
    const {
      results: [one],
    } = completion(other, otherId);
    const twice = { ...bench.backend, results: [one!, one!] };
    await expect(bench.manager.completeTasks(agent, twice)).resolves.toEqual(["completed", "lost"]);
    await expect(resultItems()).resolves.toHaveLength(2);
  });

  test("completing what another owns changes nothing (I3)", async () => {
    const { task, entryId } = await begun();
    const zombie = bench.identity("agent-0");
    await expect(bench.manager.completeTasks(zombie, completion(task, entryId))).resolves.toEqual(["lost"]);
    await expect(results()).resolves.toEqual([]);
    await expect(bench.pending(agent.incarnation)).resolves.toEqual([entryId]);
    await expect(index()).resolves.toEqual({ [task.taskKey]: "1" });
  });

  test("completing a superseded attempt writes no result and leaves the new attempt alone (I3)", async () => {
    const { task, entryId } = await begun();
    await bench.manager.publishAndAcknowledge(engine, plain({ ...task, attempt: 2 }));
    await expect(bench.manager.completeTasks(agent, completion(task, entryId))).resolves.toEqual(["lost"]);
    await expect(results()).resolves.toEqual([]);
    await expect(index()).resolves.toEqual({ [task.taskKey]: "2" });
    await expect(bench.redis.exists(bench.keys.started(bench.backend.group))).resolves.toBe(0);
  });

  test("beginning a superseded attempt drops its entry; beginning another's is lost", async () => {
    const task = taskEntry();
    const [entryId] = await bench.dispatch(task);
    await bench.read(bench.backend.group, agent.incarnation, bench.backend.stream);
    await expect(begin(task, entryId!, { member: bench.identity("agent-2") })).resolves.toEqual([{ status: "lost" }]);
    await bench.manager.publishAndAcknowledge(engine, plain({ ...task, attempt: 2 }));
    await expect(begin(task, entryId!)).resolves.toEqual([{ status: "stale" }]);
    await expect(bench.entries(bench.backend.stream)).resolves.toEqual([]);
    await expect(bench.pending()).resolves.toEqual([]);
  });

  test("the results of one batch share an entry, and what is lost of it is not in there (I3)", async () => {
    const tasks = [taskEntry(), taskEntry(), taskEntry()];
    const ids = await bench.dispatch(...tasks);
    await bench.read(bench.backend.group, agent.incarnation, bench.backend.stream);
    await bench.manager.publishAndAcknowledge(engine, plain({ ...tasks[1]!, attempt: 2 }));
    const batch = { ...bench.backend, results: tasks.flatMap((task, i) => completion(task, ids[i]!).results) };
    await expect(bench.manager.completeTasks(agent, batch)).resolves.toEqual(["completed", "lost", "completed"]);
    await expect(results()).resolves.toHaveLength(1);
    await expect(resultItems()).resolves.toMatchObject([{ k: tasks[0]!.taskKey }, { k: tasks[2]!.taskKey }]);
    const [first, second, third] = tasks.map(({ taskKey }) => taskKey);
    await expect(index()).resolves.toEqual({ [first!]: "1:done", [second!]: "2", [third!]: "1:done" });
  });

  test("many completions in any order, above one script's size, are told apart", async () => {
    const tasks = Array.from({ length: 230 }, () => taskEntry());
    const ids = await bench.dispatch(...tasks);
    await bench.read(bench.backend.group, agent.incarnation, bench.backend.stream, 200);
    await bench.read(bench.backend.group, "agent-2", bench.backend.stream);
    const all = tasks.flatMap((task, i) => completion(task, ids[i]!).results).reverse();
    const outcomes = await bench.manager.completeTasks(agent, { ...bench.backend, results: all });
    expect(outcomes.slice(0, 30)).toEqual(Array(30).fill("lost"));
    expect(outcomes.slice(30)).toEqual(Array(200).fill("completed"));
    await expect(bench.pending("agent-2")).resolves.toHaveLength(30);
  });

  test("completions of one turn of the event loop share a script", async () => {
    const tasks = Array.from({ length: 20 }, () => taskEntry());
    const ids = await bench.dispatch(...tasks);
    await bench.read(bench.backend.group, agent.incarnation, bench.backend.stream);
    const scriptsRun = async () =>
      Number(/cmdstat_evalsha:calls=(\d+)/.exec(await bench.redis.info("commandstats"))?.[1] ?? 0);
    const before = await scriptsRun();
    const outcomes = await Promise.all(
      tasks.map((task, i) => bench.manager.completeTask(agent, bench.backend, completion(task, ids[i]!).results[0]!)),
    );
    expect(outcomes).toEqual(Array(20).fill("completed"));
    // Others use the same server; twenty scripts of our own would show all the same.
    expect((await scriptsRun()) - before).toBeLessThan(15);
  });

  test("an unparseable entry becomes a dead letter without a task", async () => {
    const id = await bench.redis.xadd(bench.backend.stream, "*", "nonsense", "1");
    await bench.read(bench.backend.group, agent.incarnation, bench.backend.stream);
    const entries = [{ entryId: id!, payload: '{"reason":"UNPARSEABLE"}' }];
    const letters = { ...bench.backend, entries };
    await expect(bench.manager.deadLetterEntries(bench.identity("x"), letters)).resolves.toEqual(["lost"]);
    await expect(bench.manager.deadLetterEntries(agent, letters)).resolves.toEqual(["dead-lettered"]);
    expect((await results()).map(({ fields }) => fields)).toEqual([
      { v: "1", t: "dead-letter", m: '{"reason":"UNPARSEABLE"}' },
    ]);
    await expect(bench.entries(bench.backend.stream)).resolves.toEqual([]);
  });

  test("after the group is gone nobody owns anything, and nothing fails", async () => {
    const { task, entryId } = await begun();
    await bench.redis.del(bench.backend.stream);
    await expect(bench.manager.completeTasks(agent, completion(task, entryId))).resolves.toEqual(["lost"]);
  });
});

describe("checkpoints", () => {
  const save = (task: TaskEntry, entryId: string, sequence: number, data: string, member = agent) =>
    bench.manager.saveCheckpoint(member, {
      ...bench.backend,
      ...task,
      entryId,
      sequence,
      data,
      payload: `{"data":${data}}`,
    });

  test("the latest one comes with the next beginning, and each newer one reaches the engine", async () => {
    const { task, entryId } = await begun();
    await expect(save(task, entryId, 2, '{"done":"a|b"}')).resolves.toBe("saved");
    await expect(save(task, entryId, 1, '"late"')).resolves.toBe("saved");
    await expect(begin(task, entryId)).resolves.toEqual([
      { status: "begun", crashes: 0, crashesAlone: 0, checkpoint: { attempt: 1, sequence: 2, data: '{"done":"a|b"}' } },
    ]);
    expect((await results()).map(({ fields }) => fields["m"])).toEqual(['{"data":{"done":"a|b"}}']);
  });

  test("are refused to whoever does not own the entry, and for a superseded attempt", async () => {
    const { task, entryId } = await begun();
    await expect(save(task, entryId, 1, "1", bench.identity("agent-0"))).resolves.toBe("lost");
    await bench.manager.publishAndAcknowledge(engine, plain({ ...task, attempt: 2 }));
    await expect(save(task, entryId, 1, "1")).resolves.toBe("lost");
    await expect(results()).resolves.toEqual([]);
  });
});

describe("claiming", () => {
  const heir = () => bench.identity("agent-2");
  const claim = (count = 100, agentType: string | undefined = "backend") =>
    bench.manager.claimEntries(heir(), { ...bench.backend, agentType, count });

  test("takes nothing from the living, however long they have been silent", async () => {
    const { entryId } = await begun();
    await bench.redis.sadd(bench.keys.abandoned(bench.backend.group), agent.incarnation);
    await expect(claim()).resolves.toEqual({ entries: [], crashed: [], remaining: 1 });
    await expect(bench.pending(agent.incarnation)).resolves.toEqual([entryId]);
  });

  test("takes everything from the dead, and charges only what had started", async () => {
    const { task, entryId } = await begun();
    const waiting = taskEntry();
    const [waitingId] = await bench.dispatch(waiting);
    await bench.read(bench.backend.group, agent.incarnation, bench.backend.stream);
    await buried(agent.incarnation, "crashed");
    const report = await claim();
    expect(report.entries.map(({ id }) => id)).toEqual([entryId, waitingId]);
    expect(report.entries[0]!.fields["k"]).toBe(task.taskKey);
    expect(report).toMatchObject({
      crashed: [{ entryId, incarnation: agent.incarnation, charged: true }],
      remaining: 0,
    });
    await expect(bench.pending("agent-2")).resolves.toEqual([entryId, waitingId]);
    expect((await results()).map(({ fields }) => fields)).toEqual([
      {
        v: "1",
        t: "crash",
        k: task.taskKey,
        a: "1",
        g: "backend",
        e: entryId,
        d: "agent-1",
        al: "0",
        ch: "1",
        st: "1000",
        tp: task.traceparent,
      },
    ]);
    await expect(begin(task, entryId, { member: heir() })).resolves.toEqual([
      { status: "begun", crashes: 1, crashesAlone: 0 },
    ]);
    await expect(claim()).resolves.toEqual({ entries: [], crashed: [], remaining: 0 });
  });

  test("counts on from the crashes that the payload knows of, and those alone apart", async () => {
    const task = taskEntry({ payload: '{"crashes":2,"crashesAlone":1}' });
    const [entryId] = await bench.dispatch(task);
    await bench.read(bench.backend.group, agent.incarnation, bench.backend.stream);
    await begin(task, entryId!, { alone: true });
    await buried(agent.incarnation, "crashed");
    await claim();
    await expect(bench.redis.hget(bench.keys.crashes("backend"), task.taskKey)).resolves.toBe("3|2");
  });

  test.each([
    ["frozen", [{ t: "crash", ch: "0" }]],
    ["left", []],
  ])("charges nothing to the work of one that is %s", async (kind, expected) => {
    await begun();
    await buried(agent.incarnation, kind);
    await expect(claim()).resolves.toMatchObject({ entries: [{}], remaining: 0 });
    expect(await results()).toMatchObject(expected.map((fields) => ({ fields })));
    await expect(bench.redis.exists(bench.keys.crashes("backend"))).resolves.toBe(0);
  });

  test("goes on where it stopped for lack of room", async () => {
    const ids = await bench.dispatch(...Array.from({ length: 5 }, () => taskEntry()));
    await bench.read(bench.backend.group, agent.incarnation, bench.backend.stream);
    await buried(agent.incarnation, "crashed");
    const first = await claim(3);
    expect(first).toMatchObject({ remaining: 1 });
    const second = await claim(3);
    expect(second).toMatchObject({ remaining: 0 });
    expect([...first.entries, ...second.entries].map(({ id }) => id)).toEqual(ids);
  });

  test("of two claimers each entry goes to one", async () => {
    const ids = await bench.dispatch(...Array.from({ length: 40 }, () => taskEntry()));
    await bench.read(bench.backend.group, agent.incarnation, bench.backend.stream);
    await buried(agent.incarnation, "crashed");
    const other = await bench.anotherManager();
    const request = { ...bench.backend, count: 10 };
    const reports = await Promise.all(
      [0, 1, 2, 3, 4, 5].map((i) => (i % 2 ? other : bench.manager).claimEntries(bench.identity(`heir-${i}`), request)),
    );
    expect(reports.flatMap(({ entries }) => entries.map(({ id }) => id)).sort()).toEqual([...ids].sort());
  });

  test("entries whose data was deleted vanish from the pending list", async () => {
    const { entryId } = await begun();
    await bench.redis.xdel(bench.backend.stream, entryId);
    await buried(agent.incarnation, "crashed");
    await expect(claim()).resolves.toEqual({ entries: [], crashed: [], remaining: 0 });
    await expect(bench.pending()).resolves.toEqual([]);
    await expect(bench.redis.exists(bench.keys.started(bench.backend.group))).resolves.toBe(0);
  });

  test("works for groups without tasks too", async () => {
    await bench.redis.xadd(bench.keys.results, "*", "t", "results");
    await bench.read("workflow_engines", "engine-0", bench.keys.results);
    await buried("engine-0", "crashed", "workflow_engines");
    const report = await bench.manager.claimEntries(engine, {
      stream: bench.keys.results,
      group: "workflow_engines",
      count: 10,
    });
    expect(report).toMatchObject({ entries: [{ fields: { t: "results" } }], crashed: [], remaining: 0 });
  });
});

describe("the in-flight index", () => {
  test("is read in pages and dropped by comparison", async () => {
    const tasks = [taskEntry(), taskEntry({ attempt: 2 })];
    await bench.manager.publishAndAcknowledge(engine, plain(...tasks));
    const page = await bench.manager.inFlightPage("backend", "0");
    expect(page.cursor).toBe("0");
    expect(page.fields.map(({ value }) => value).sort()).toEqual(["1", "2"]);
    const fields = tasks.map(({ taskKey }) => ({ taskKey, value: "1" }));
    await expect(bench.manager.dropInFlight(engine, "backend", fields)).resolves.toBe(1);
    await expect(bench.manager.inFlightCounts(["backend", "qa"])).resolves.toEqual({ backend: 1, qa: 0 });
    await expect(
      bench.manager.inFlightValues(
        "backend",
        tasks.map(({ taskKey }) => taskKey),
      ),
    ).resolves.toEqual([null, "2"]);
  });

  test("forgets the tasks of a stream that was deleted, but not those still on their way to it", async () => {
    const [there, gone, alsoThere] = [taskEntry(), taskEntry(), taskEntry({ attempt: 2 })];
    await bench.dispatch(gone);
    const { task: done, entryId } = await begun();
    await bench.manager.completeTasks(agent, completion(done, entryId));
    await bench.manager.publishAndAcknowledge(engine, plain(there, alsoThere));
    await bench.redis.xadd(bench.keys.dispatch, "*", "t", "tasks", "m", '[null,{"k":null,"a":{}},{"k":"x","a":true}]');
    await bench.redis.xadd(bench.keys.dispatch, "*", "t", "tasks", "m", "no json");
    await bench.redis.del(bench.backend.stream);
    const lost = { state: "open" as const, agentTypes: ["backend"], alsoIn: [bench.keys.dispatch] };
    await expect(bench.manager.ensureGroup(bench.backend, lost)).resolves.toEqual({
      groupCreated: true,
      streamCreated: true,
      dropped: 1,
    });
    await expect(index()).resolves.toEqual({
      [there.taskKey]: "1",
      [alsoThere.taskKey]: "2",
      [done.taskKey]: "1:done",
    });
    await expect(bench.manager.ensureGroup(bench.backend, lost)).resolves.toMatchObject({
      groupCreated: false,
      dropped: 0,
    });
  });

  test("forgets them also if the stream has been made anew meanwhile, without its group, by whoever added to it", async () => {
    const gone = taskEntry();
    await bench.dispatch(gone);
    await bench.redis.del(bench.backend.stream);
    const added = taskEntry();
    await bench.dispatch(added);
    const lost = { state: "open" as const, agentTypes: ["backend"], alsoIn: [bench.keys.dispatch] };
    await expect(bench.manager.ensureGroup(bench.backend, lost)).resolves.toEqual({
      groupCreated: true,
      streamCreated: false,
      dropped: 1,
    });
    await expect(index()).resolves.toEqual({ [added.taskKey]: "1" });
  });

  test("keeps a result that was added to the stream since, but not for the sake of a checkpoint", async () => {
    const { task: kept, entryId } = await begun();
    const { task: gone, entryId: goneId } = await begun();
    await bench.manager.completeTasks(agent, completion(gone, goneId));
    await bench.redis.del(bench.keys.results);
    const about = ["k", gone.taskKey, "a", "1"];
    await bench.redis.xadd(bench.keys.results, "*", "v", "1", "t", "checkpoint", ...about);
    await bench.manager.completeTasks(agent, completion(kept, entryId));
    const engines = { stream: bench.keys.results, group: "workflow_engines" };
    await bench.manager.ensureGroup(engines, { state: "done", agentTypes: ["backend"], alsoIn: [] });
    await expect(index()).resolves.toEqual({ [kept.taskKey]: "1:done" });
  });

  test("forgets results that were deleted with their stream", async () => {
    const { task, entryId } = await begun();
    await bench.manager.completeTasks(agent, completion(task, entryId));
    const { task: open } = await begun();
    await bench.redis.del(bench.keys.results);
    const engines = { stream: bench.keys.results, group: "workflow_engines" };
    await bench.manager.ensureGroup(engines, { state: "done", agentTypes: ["backend"], alsoIn: [] });
    await expect(index()).resolves.toEqual({ [open.taskKey]: "1" });
  });

  test("a group that was destroyed starts at the beginning of its stream again", async () => {
    const ids = await bench.dispatch(taskEntry(), taskEntry());
    await bench.redis.xgroup("DESTROY", bench.backend.stream, bench.backend.group);
    await expect(bench.manager.ensureGroup(bench.backend)).resolves.toMatchObject({
      groupCreated: true,
      streamCreated: false,
    });
    const again = await bench.read(bench.backend.group, agent.incarnation, bench.backend.stream);
    expect(again.map(({ id }) => id)).toEqual(ids);
  });
});

test("the epoch is written only over what is expected", async () => {
  await expect(bench.manager.writeEpoch("9", null)).resolves.toBe(false);
  await expect(bench.manager.writeEpoch("2", EPOCH)).resolves.toBe(true);
  expect(bench.manager.epoch).toBe("2");
  await expect(bench.manager.readEpoch()).resolves.toBe("2");
});

function jestFn() {
  const calls: unknown[][] = [];
  return { calls, listener: (...args: unknown[]) => void calls.push(args) };
}
