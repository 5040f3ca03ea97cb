import { measurementSchema } from "@agent-hive/measurement";
import { silentLogger } from "@agent-hive/telemetry";
import { PerformanceValidator, type ValidatorSources } from "./performance-validator.js";
import { RunBook } from "./runs/run-book.js";

const NOTHING = { workflows: [], tasks: [], attempts: [], submissions: [], totals: null, absent: [] };
const ACT = { kind: "crash", agentId: "a", incarnation: "i", agentType: "qa", group: "g", atMs: 1, held: [] } as const;

/** A validator over empty stores, and what is asked of them. */
function setup(more: { [Source in keyof ValidatorSources]?: Partial<ValidatorSources[Source]> } = {}) {
  const asked: string[] = [];
  const note = <T>(what: string, answer: T): Promise<T> => {
    asked.push(what);
    return Promise.resolve(answer);
  };
  let nowMs = 1_000;
  const sources: ValidatorSources = {
    primary: { nowMs: async () => (nowMs += 500), read: () => note("PostgreSQL", NOTHING), ...more.primary },
    redis: {
      verdicts: async () => [],
      groups: () => note("Redis", []),
      inFlight: async () => null,
      events: async () => [],
      entriesRead: async () => new Map(),
      askForEvents: (isNew) => note(`events ${isNew}`, undefined),
      ...more.redis,
    },
    sampler: { within: () => [], absent: () => ["no /proc"], ...more.sampler },
  };
  const rules = { targets: [], clockToleranceMs: 1, mostTasks: 100 };
  return { asked, validator: new PerformanceValidator(sources, rules, new RunBook(), silentLogger) };
}
const parsed = async (json: Promise<string> | string) => measurementSchema.parse(JSON.parse(await json));
const failing = async (): Promise<never> => {
  throw new Error("it is away");
};

test("Redis is read before PostgreSQL, which must then show all that it tells of", async () => {
  const { validator, asked } = setup();
  await validator.live(10);
  expect(asked).toEqual(["Redis", "PostgreSQL"]);
});

test("the window of a run is from its beginning to its end, by PostgreSQL's clock", async () => {
  const { validator } = setup();
  const { id } = await validator.begin({});
  const { window } = await parsed((await validator.end(id, false)).json());
  expect(window).toEqual({ fromMs: 1_500, toMs: 2_000, seconds: 0.5 });
});

test("what could not be seen is said: Redis that is away, processes that cannot be sampled", async () => {
  const { validator } = setup({ redis: { groups: failing, entriesRead: failing } });
  const { id } = await validator.begin({});
  const { absent } = await parsed(validator.measurement(id));
  expect(absent).toEqual([expect.stringMatching(/Redis could not be read: it is away$/), "no /proc"]);
});

test("a run whose end could not be measured goes on, takes acts, and can be ended again", async () => {
  let isAway = true;
  const read = async () => (isAway ? failing() : NOTHING);
  const { validator } = setup({ primary: { read } });
  const { id } = await validator.begin({});
  await expect(validator.end(id, false)).rejects.toThrow("it is away");
  validator.note(id, { acts: [{ ...ACT, held: [] }] });
  isAway = false;
  expect((await parsed((await validator.end(id, false)).json())).acts).toHaveLength(1);
  expect(() => validator.note(id, {})).toThrow("has ended");
});

test("a run that is ended by two at once is measured once", async () => {
  const { validator, asked } = setup();
  const { id } = await validator.begin({});
  const [first, second] = await Promise.all([validator.end(id, false), validator.end(id, true)]);
  expect(first).toBe(second);
  expect(asked.filter((what) => what === "PostgreSQL")).toHaveLength(1);
});

test("many who look at the latest seconds at once share one measurement", async () => {
  const { validator, asked } = setup();
  const seen = await Promise.all([validator.live(10), validator.live(10), validator.live(20)]);
  expect(seen[0]).toBe(seen[1]);
  expect(seen[2].window.seconds).toBe(20);
  expect(asked.filter((what) => what === "PostgreSQL")).toHaveLength(2);
});

test("events are asked for again and again while a run wants them, and not afterwards", async () => {
  const { validator, asked } = setup();
  await validator.runOnce();
  const { id } = await validator.begin({ events: true });
  await validator.runOnce();
  await validator.end(id, false);
  await validator.runOnce();
  expect(asked.filter((what) => what.startsWith("events"))).toEqual(["events true", "events false"]);
});
